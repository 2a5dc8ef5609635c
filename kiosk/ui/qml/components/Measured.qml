// SPDX-License-Identifier: Apache-2.0
// A text that is only laid out, to see how much room it would take.
import QtQuick
import "../style"

Text {
    property int pixels: 1

    visible: false
    font.family: Style.family
    font.pixelSize: Math.max(1, pixels)
    textFormat: Text.PlainText
    Accessible.ignored: true
}
