// SPDX-License-Identifier: Apache-2.0
// An answer: icon and words. `tall` puts the icon above the words, for two answers side by side.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"

Pressable {
    id: button

    property string label: ""
    property string detail: ""
    property string icon: ""
    property string kind: "choice"
    property bool tall: false
    property string picture: ""
    property string companion: "" // the longest piece among the labels beside this one

    readonly property bool main: kind === "main"
    readonly property color face: main ? (down ? Style.actionPressed : Style.action) : (down ? Style.actionTintPressed : Style.card)
    readonly property color ink: main ? Style.actionText : Style.action
    readonly property int iconSize: tall ? Math.min(Math.round(height * 0.36), Style.mm(22)) : Math.min(Math.round(height * 0.52), Style.mm(16))

    implicitHeight: Style.mm(Style.landscape ? 21 : 30)
    onUsed: Kiosk.press(action)

    Rectangle {
        anchors.fill: parent
        anchors.topMargin: 4
        anchors.bottomMargin: -4
        radius: button.radius
        color: Style.contrast ? "transparent" : "#E3E6F0"
        visible: !button.down
    }
    Rectangle {
        anchors.fill: parent
        radius: button.radius
        color: button.face
        border.width: button.main ? 0 : 3
        border.color: button.kind === "quiet" ? Style.lineStrong : Style.action

        Behavior on color {
            enabled: !Style.calm
            ColorAnimation {
                duration: 40
            }
        }
    }

    // side by side
    Rectangle {
        id: chip
        visible: !button.tall && button.icon !== ""
        x: Style.mm(5)
        anchors.verticalCenter: parent.verticalCenter
        width: button.picture !== "" ? Math.round(button.height * (Style.landscape ? 0.7 : 0.84)) : button.iconSize + Style.mm(5)
        height: width
        radius: width / 2
        color: button.main || button.picture !== "" ? "transparent" : (button.down ? Style.card : Style.actionTint)

        Picture {
            anchors.centerIn: parent
            width: button.picture !== "" ? chip.width : button.iconSize
            height: width
            address: !chip.visible ? "" : button.picture !== "" ? Style.drawing(button.picture) : Style.icon(button.icon, button.ink)
        }
    }
    Column {
        id: side
        visible: !button.tall
        anchors.left: chip.visible ? chip.right : parent.left
        anchors.leftMargin: Style.mm(5)
        anchors.right: parent.right
        anchors.rightMargin: Style.mm(5)
        anchors.verticalCenter: parent.verticalCenter

        readonly property int room: button.height - Style.mm(3)

        Words {
            id: words
            width: parent.width
            room: more.visible ? side.room - more.height : side.room
            text: button.tall ? "" : button.label
            companion: button.tall ? "" : button.companion
            size: Math.round(Style.label * (button.height > Style.mm(40) ? 1.2 : 1))
            floor: Style.small
            bold: true
            lineHeight: 1.15
            color: button.ink
            verticalAlignment: Text.AlignVCenter
            Accessible.ignored: true
        }
        Words {
            id: more
            width: parent.width
            visible: button.detail !== "" && !Style.landscape && words.natural + natural <= side.room
            text: button.tall ? "" : button.detail
            size: Math.max(Style.bodyFloor, Math.round(Style.body * 0.82))
            lineHeight: 1.15
            color: button.main ? Style.actionText : Style.inkSoft
            verticalAlignment: Text.AlignVCenter
            Accessible.ignored: true
        }
    }

    // one above the other
    Picture {
        id: above
        visible: button.tall
        anchors.horizontalCenter: parent.horizontalCenter
        y: Math.round((button.height - height - Style.mm(3) - under.height) / 2)
        width: button.iconSize
        height: button.iconSize
        address: button.tall && button.icon !== "" ? Style.icon(button.icon, button.ink) : ""
    }
    Words {
        id: under
        visible: button.tall
        anchors.horizontalCenter: parent.horizontalCenter
        anchors.top: above.bottom
        anchors.topMargin: Style.mm(3)
        width: button.width - Style.mm(Style.landscape ? 1.5 : 6)
        floor: Style.small
        room: button.height - above.height - Style.mm(9)
        text: button.tall ? button.label : ""
        companion: button.tall ? button.companion : ""
        size: Math.round(Style.label * (button.width < Style.mm(90) && !Style.landscape ? 0.86 : 1))
        bold: true
        lineHeight: 1.2
        color: button.ink
        horizontalAlignment: Text.AlignHCenter
        Accessible.ignored: true
    }
}
