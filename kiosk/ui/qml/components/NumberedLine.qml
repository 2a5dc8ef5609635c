// SPDX-License-Identifier: Apache-2.0
// One line of a list that is read in order.
import QtQuick
import "../style"

Item {
    id: line

    property int number: 1
    property string text: ""
    readonly property int wanted: Math.max(Style.mm(Style.landscape ? 11 : 16), said.natural + Style.mm(3))

    visible: text !== ""

    Rectangle {
        id: disc
        anchors.verticalCenter: parent.verticalCenter
        width: Style.mm(Style.landscape ? 9 : 12)
        height: width
        radius: width / 2
        color: Style.action
        Words {
            anchors.centerIn: parent
            text: line.number
            size: Style.mm(Style.landscape ? 6.6 : 8)
            lineHeight: 1.0
            wrapMode: Text.NoWrap
            bold: true
            color: Style.actionText
            Accessible.ignored: true
        }
    }
    Words {
        id: said
        anchors.left: disc.right
        anchors.leftMargin: Style.mm(4)
        anchors.verticalCenter: parent.verticalCenter
        width: line.width - disc.width - Style.mm(4)
        room: line.height
        lineHeight: 1.2
        text: line.text
        verticalAlignment: Text.AlignVCenter
    }
}
