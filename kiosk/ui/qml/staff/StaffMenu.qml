// SPDX-License-Identifier: Apache-2.0
// What a person of the staff may do now, and what is going on; with the card's photo for a check by eye.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"
import "../components"

Item {
    id: menu

    property var bridge: null
    readonly property var view: bridge ? bridge.view : ({})
    readonly property var texts: bridge ? bridge.texts : ({})
    readonly property bool withPhoto: view.withPhoto ?? false
    readonly property bool photoThere: (view.photo ?? "") !== ""
    readonly property var facts: view.facts ?? []
    // what is to be written down has the whole width
    readonly property bool across: Style.landscape && facts.length === 0
    readonly property int column: across ? Math.floor((width - Style.mm(7)) / 2) : width
    readonly property int gap: Style.mm(across ? 4 : 6)

    implicitHeight: across ? Math.max(told.height, choices.height) : told.height + gap + choices.height

    Column {
        id: told
        width: menu.column
        spacing: menu.gap

        Column {
            width: parent.width
            spacing: Style.mm(1.5)
            Words {
                width: parent.width
                height: natural
                text: menu.view.heading ?? ""
                size: Style.mm(menu.across ? 7.6 : 9.4)
                bold: true
                lineHeight: 1.2
                Accessible.role: Accessible.Heading
                Accessible.name: menu.view.spoken ?? ""
            }
            Words {
                width: parent.width
                height: natural
                objectName: "staffWho"
                visible: text !== ""
                text: menu.view.who ?? ""
                size: Style.mm(6.6)
                lineHeight: 1.2
                color: Style.inkSoft
            }
        }
        Words {
            width: parent.width
            height: natural
            visible: text !== "" && menu.photoThere
            text: menu.view.sentence ?? ""
            size: Style.mm(menu.across ? 6.6 : 7)
            lineHeight: 1.25
        }
        Rectangle {
            id: photo
            visible: menu.withPhoto
            anchors.horizontalCenter: parent.horizontalCenter
            width: menu.photoThere ? Style.mm(menu.across ? 36 : 80) : parent.width
            height: menu.photoThere ? Math.round(width * 4 / 3) : Style.mm(menu.across ? 40 : 26)
            radius: Style.mm(3)
            color: menu.photoThere ? Style.line : Style.attentionTint
            border.width: 2
            border.color: menu.photoThere ? Style.lineStrong : Style.attentionLine

            Image {
                objectName: "staffPhoto"
                anchors.fill: parent
                anchors.margins: 2
                source: menu.view.photo ?? ""
                fillMode: Image.PreserveAspectFit
                cache: false
                Accessible.role: Accessible.Graphic
                Accessible.name: Kiosk.plain(menu.texts["menu.photo"] ?? "")
                Accessible.ignored: !menu.photoThere
            }
            Words {
                anchors.fill: parent
                anchors.margins: Style.mm(4)
                visible: !menu.photoThere
                text: menu.texts["menu.no_photo"] ?? ""
                size: Style.mm(6.6)
                lineHeight: 1.25
                color: Style.attention
                verticalAlignment: Text.AlignVCenter
                horizontalAlignment: Text.AlignHCenter
            }
        }
        Rectangle {
            width: parent.width
            visible: !menu.withPhoto || !menu.across
            height: now.height + Style.mm(8)
            radius: Style.mm(4)
            color: Style.panel

            Column {
                id: now
                x: Style.mm(5)
                y: Style.mm(4)
                width: parent.width - 2 * x
                spacing: Style.mm(2)

                Flow {
                    width: parent.width
                    spacing: Style.mm(3)
                    Words {
                        id: situation
                        width: Math.min(naturalWidth, now.width)
                        height: natural
                        text: menu.view.situation ?? ""
                        size: Style.mm(7)
                        bold: true
                        lineHeight: 1.2
                    }
                    Rectangle {
                        id: chip
                        visible: (menu.view.code ?? "") !== ""
                        width: chipText.naturalWidth + Style.mm(5)
                        height: Style.mm(9.4)
                        radius: height / 2
                        color: Style.card
                        border.width: 2
                        border.color: Style.lineStrong
                        Words {
                            id: chipText
                            anchors.centerIn: parent
                            width: naturalWidth
                            height: natural
                            text: menu.view.code ?? ""
                            size: Style.mm(6.6)
                            floor: Style.mm(6)
                            bold: true
                            lineHeight: 1.0
                        }
                    }
                }
                Repeater {
                    model: menu.facts

                    Item {
                        id: fact
                        required property var modelData
                        width: now.width
                        height: Math.max(factLabel.height, factText.height)

                        Words {
                            id: factLabel
                            width: Math.round(now.width * 0.28)
                            height: natural
                            text: fact.modelData.label
                            size: Style.mm(6)
                            lineHeight: 1.25
                            color: Style.inkSoft
                        }
                        Words {
                            id: factText
                            x: factLabel.width + Style.mm(2)
                            width: now.width - x
                            height: natural
                            objectName: "staffFact." + fact.modelData.label
                            text: fact.modelData.text
                            companion: fact.modelData.label // an address has no places to break
                            size: Style.mm(6)
                            bold: true
                            lineHeight: 1.25
                        }
                    }
                }
                Words {
                    width: parent.width
                    height: natural
                    visible: text !== ""
                    objectName: "staffHint"
                    text: menu.view.hint ?? ""
                    size: Style.mm(6.6)
                    floor: Style.mm(6)
                    lineHeight: 1.3
                    color: Style.inkSoft
                }
            }
        }
    }

    Flow {
        id: choices
        x: menu.across ? menu.column + Style.mm(7) : 0
        y: menu.across ? 0 : told.height + menu.gap
        width: menu.across ? menu.width - x : menu.width
        spacing: menu.gap

        Repeater {
            id: buttons
            model: menu.view.actions ?? []

            StaffButton {
                required property var modelData
                readonly property bool half: !menu.across && menu.withPhoto && (modelData.action === "staff.confirm" || modelData.action === "staff.decline")

                action: modelData.action
                spoken: modelData.spoken
                label: modelData.label
                detail: menu.across && buttons.count > 4 ? "" : modelData.detail // there is room for no more
                icon: modelData.icon
                kind: modelData.kind
                width: half ? Math.floor((choices.width - menu.gap) / 2) : choices.width
                height: half ? Style.mm(26) : implicitHeight
                onUsed: {
                    if (menu.bridge)
                        menu.bridge.press(action);
                }
            }
        }
    }
}
