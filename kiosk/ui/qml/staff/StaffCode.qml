// SPDX-License-Identifier: Apache-2.0
// Asks for a person's staff code. Upright: one above the other; across: words left, keys right.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"
import "../components"

Item {
    id: code

    property var bridge: null
    readonly property var view: bridge ? bridge.view : ({})
    readonly property bool across: Style.landscape

    implicitWidth: across ? words.width + Style.mm(8) + pad.width : pad.width
    implicitHeight: across ? pad.height : words.height + Style.mm(8) + pad.height

    Column {
        id: words
        width: code.across ? Style.mm(78) : pad.width
        spacing: Style.mm(5)

        Words {
            width: parent.width
            height: natural
            text: code.view.heading ?? ""
            size: Style.mm(code.across ? 8 : 9)
            bold: true
            lineHeight: 1.25
            horizontalAlignment: code.across ? Text.AlignLeft : Text.AlignHCenter
            Accessible.role: Accessible.Heading
            Accessible.name: code.view.spoken ?? ""
        }
        Row {
            objectName: "staffDots"
            visible: !(code.view.typing ?? false)
            x: code.across ? 0 : Math.round((words.width - width) / 2)
            height: Style.mm(9)
            spacing: Style.mm(2.4)
            Accessible.role: Accessible.StaticText
            Accessible.name: code.view.digitsSpoken ?? ""

            Repeater {
                model: Math.max(4, code.view.digits ?? 0)
                Rectangle {
                    required property int index
                    readonly property bool filled: index < (code.view.digits ?? 0)
                    anchors.verticalCenter: parent.verticalCenter
                    width: Style.mm(4.6)
                    height: width
                    radius: width / 2
                    color: filled ? Style.action : "transparent"
                    border.width: 2
                    border.color: filled ? Style.action : Style.lineStrong
                }
            }
        }
        Rectangle {
            // what is printed on a paper certificate is no secret: whoever types it must see it
            visible: code.view.typing ?? false
            width: parent.width
            height: Style.mm(13)
            radius: Style.mm(3)
            color: Style.panel
            Words {
                objectName: "staffTyped"
                anchors.fill: parent
                anchors.leftMargin: Style.mm(3)
                anchors.rightMargin: Style.mm(3)
                text: code.view.typed ?? ""
                size: Style.mm(9)
                floor: Style.mm(5)
                bold: true
                lineHeight: 1.0
                horizontalAlignment: Text.AlignHCenter
                verticalAlignment: Text.AlignVCenter
                Accessible.role: Accessible.StaticText
                Accessible.name: text
            }
        }
        // keeps its height, so that the keys never move under a finger
        Item {
            width: parent.width
            height: Style.mm(code.across ? 22 : 17)

            Rectangle {
                anchors.fill: parent
                visible: notice.text !== ""
                radius: Style.mm(3)
                color: Style.attentionTint
                border.width: 2
                border.color: Style.attentionLine
            }
            Words {
                id: notice
                objectName: "staffNotice"
                anchors.fill: parent
                anchors.margins: Style.mm(2)
                text: code.view.notice ?? ""
                visible: text !== ""
                balanced: true
                size: Style.mm(6.8)
                floor: Style.mm(6)
                lineHeight: 1.2
                color: Style.attention
                horizontalAlignment: Text.AlignHCenter
                verticalAlignment: Text.AlignVCenter
                Accessible.role: Accessible.AlertMessage
            }
            Words {
                anchors.fill: parent
                text: code.view.sentence ?? ""
                visible: notice.text === ""
                size: Style.mm(6.6)
                lineHeight: 1.2
                color: Style.inkSoft
                horizontalAlignment: code.across ? Text.AlignLeft : Text.AlignHCenter
                verticalAlignment: code.across ? Text.AlignTop : Text.AlignVCenter
            }
        }
    }
    StaffPad {
        id: pad
        x: code.across ? words.width + Style.mm(8) : 0
        y: code.across ? 0 : words.height + Style.mm(6)
        bridge: code.bridge
        live: code.view.keysLive ?? false
    }
}
