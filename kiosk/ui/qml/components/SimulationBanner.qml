// SPDX-License-Identifier: Apache-2.0
// Says on every screen of a simulated run that nobody is being received.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"

Rectangle {
    id: banner

    objectName: "simulationBanner"
    color: Style.contrast ? "#FFD43D" : "#FBF5E0"

    Rectangle {
        anchors.bottom: parent.bottom
        width: parent.width
        height: 2
        color: Style.attentionLine
    }
    Words {
        anchors.centerIn: parent
        width: parent.width - 2 * Style.margin
        height: parent.height
        room: height
        text: Kiosk.texts["top.simulation"] ?? ""
        size: Style.small
        floor: Math.round(Style.small * 0.6)
        lineHeight: 1.0
        bold: true
        color: Style.contrast ? "#000000" : "#6E5600"
        horizontalAlignment: Text.AlignHCenter
        verticalAlignment: Text.AlignVCenter
    }
}
