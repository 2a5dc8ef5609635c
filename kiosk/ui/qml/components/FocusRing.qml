// SPDX-License-Identifier: Apache-2.0
// Black outside, yellow inside: visible on every ground.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"

Item {
    id: ring

    property Item around: null
    property int radius: Style.radius

    anchors.fill: parent
    anchors.margins: -6
    visible: around !== null && around.activeFocus

    Rectangle {
        anchors.fill: parent
        color: "transparent"
        radius: ring.radius + 6
        border.width: 4
        border.color: Style.focusOuter
    }
    Rectangle {
        anchors.fill: parent
        anchors.margins: 4
        color: "transparent"
        radius: ring.radius + 2
        border.width: 2
        border.color: Style.focusInner
    }
}
