// SPDX-License-Identifier: Apache-2.0
// Something to know before going on: icon and words on a quiet ground.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"

Rectangle {
    id: box

    property string text: ""

    implicitHeight: Math.ceil(said.natural + Style.mm(Style.landscape ? 2 : 6))
    radius: Style.radius * 0.7
    color: Style.attentionTint
    border.width: 2
    border.color: Style.attentionLine

    Picture {
        id: mark
        x: Style.mm(4)
        anchors.verticalCenter: parent.verticalCenter
        width: Style.mm(Style.landscape ? 8 : 11)
        height: width
        address: Style.icon("info", Style.attention)
    }
    Words {
        id: said
        anchors.left: mark.right
        anchors.leftMargin: Style.mm(3)
        anchors.verticalCenter: parent.verticalCenter
        width: box.width - mark.width - Style.mm(11)
        room: box.height - 4
        text: box.text
        lineHeight: Style.landscape ? 1.15 : 1.25
        color: Style.contrast ? Style.ink : Style.attention
        verticalAlignment: Text.AlignVCenter
    }
}
