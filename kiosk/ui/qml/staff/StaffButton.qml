// SPDX-License-Identifier: Apache-2.0
// A control of the staff: icon and words in a row, denser than a patient's.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"
import "../components"

Pressable {
    id: button

    property string label: ""
    property string detail: ""
    property string icon: ""
    property string kind: "choice"

    readonly property bool main: kind === "main"
    readonly property bool quiet: kind === "quiet"
    readonly property color ink: main ? Style.actionText : quiet ? Style.inkSoft : Style.action
    readonly property int side: Style.mm(5)

    implicitHeight: Math.max(Style.mm(20), words.height + Style.mm(6))
    radius: Style.mm(4)

    Rectangle {
        anchors.fill: parent
        radius: button.radius
        color: button.main ? (button.down ? Style.actionPressed : Style.action) : button.down ? Style.actionTintPressed : Style.card
        border.width: button.main ? 0 : 2
        border.color: button.quiet ? Style.lineStrong : Style.action
    }
    Picture {
        id: mark
        x: button.side
        anchors.verticalCenter: parent.verticalCenter
        width: Style.mm(9)
        height: width
        address: Style.icon(button.icon, button.ink)
    }
    Column {
        id: words
        anchors.left: mark.right
        anchors.leftMargin: Style.mm(4)
        anchors.right: parent.right
        anchors.rightMargin: button.side
        anchors.verticalCenter: parent.verticalCenter
        spacing: Style.mm(0.6)

        Words {
            width: parent.width
            height: natural
            text: button.label
            size: Style.mm(7.4)
            floor: Style.mm(6.6)
            bold: true
            lineHeight: 1.1
            color: button.ink
            verticalAlignment: Text.AlignVCenter
            Accessible.ignored: true
        }
        Words {
            width: parent.width
            height: natural
            visible: button.detail !== ""
            text: button.detail
            size: Style.mm(6.6)
            floor: Style.mm(5.6)
            lineHeight: 1.1
            color: button.main ? Style.actionText : Style.inkSoft
            verticalAlignment: Text.AlignVCenter
            Accessible.ignored: true
        }
    }
}
