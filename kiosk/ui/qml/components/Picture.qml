// SPDX-License-Identifier: Apache-2.0
// A drawing or icon, drawn anew at the size at which it is shown.
pragma ComponentBehavior: Bound
import QtQuick

Image {
    id: picture

    property string address: ""

    source: width >= 1 && height >= 1 ? address : ""
    sourceSize.width: Math.round(width)
    sourceSize.height: Math.round(height)
    fillMode: Image.PreserveAspectFit
    asynchronous: false
    Accessible.ignored: true
}
