// SPDX-License-Identifier: Apache-2.0
// The clinic, the time, and what a patient may choose at any moment. Its words keep their size, so that the
// button does not run away from the finger that presses it.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"

Item {
    id: bar

    readonly property var choices: [
        {
            action: "language." + (Kiosk.bridge ? Kiosk.bridge.nextLanguage : "en"),
            label: Kiosk.texts["top.language"] ?? "",
            spoken: Kiosk.texts["top.language_spoken"] ?? "",
            icon: "globe"
        },
        {
            action: "text.size",
            label: (Style.landscape ? Kiosk.texts["top.text_size_short"] : Kiosk.texts["top.text_size"]) ?? "",
            spoken: Kiosk.texts["top.text_size"] ?? "",
            icon: "text"
        },
        {
            action: "contrast",
            label: (Style.landscape ? Kiosk.texts["top.contrast_short"] : Kiosk.texts["top.contrast"]) ?? "",
            spoken: Kiosk.texts["top.contrast"] ?? "",
            icon: "contrast"
        }
    ]

    signal cornerHeld

    Column {
        id: who
        anchors.left: parent.left
        anchors.leftMargin: Style.margin
        anchors.verticalCenter: parent.verticalCenter
        width: choicesRow.x - Style.margin - Style.gap

        Words {
            width: who.width
            room: bar.height * 0.5
            text: Kiosk.bridge ? Kiosk.bridge.clinic : ""
            size: Style.small
            floor: Math.round(Style.small * 0.7)
            bold: true
            lineHeight: 1.15
            Accessible.ignored: text === ""
        }
        Rectangle {
            objectName: "simulationMark"
            visible: Style.landscape && Kiosk.bridge !== null && Kiosk.bridge.simulated
            width: mark.naturalWidth + Style.mm(4)
            height: Style.small * 1.1
            radius: 8
            color: Style.contrast ? "#FFD43D" : "#FBF5E0"

            Words {
                id: mark
                anchors.centerIn: parent
                text: "SIMULATION"
                size: Style.small
                lineHeight: 1.0
                wrapMode: Text.NoWrap
                bold: true
                color: Style.contrast ? "#000000" : "#6E5600"
            }
        }
        Words {
            visible: !Style.landscape
            wrapMode: Text.NoWrap
            text: Kiosk.bridge ? Kiosk.bridge.clockText : ""
            size: Style.small
            lineHeight: 1.15
            color: Style.inkSoft
        }
    }

    MouseArea {
        id: corner
        objectName: "staffCorner"
        width: Style.targetFloor
        height: bar.height
        pressAndHoldInterval: 3000
        onPressAndHold: bar.cornerHeld()
    }

    Row {
        id: choicesRow
        anchors.right: parent.right
        anchors.rightMargin: Style.margin
        anchors.verticalCenter: parent.verticalCenter
        spacing: Style.mm(3)

        Repeater {
            model: bar.choices

            Pressable {
                id: choice
                required property var modelData

                action: modelData.action
                spoken: Kiosk.plain(modelData.spoken)
                radius: height / 2
                height: Style.landscape ? Style.mm(16) : Style.mm(20)
                width: Math.max(Style.target, choiceRow.implicitWidth + Style.mm(9))
                onUsed: Kiosk.press(action)

                Rectangle {
                    anchors.fill: parent
                    anchors.topMargin: Style.mm(1.5)
                    anchors.bottomMargin: Style.mm(1.5)
                    radius: height / 2
                    color: choice.down ? Style.actionTintPressed : Style.card
                    border.width: 2
                    border.color: Style.line
                }
                Row {
                    id: choiceRow
                    anchors.centerIn: parent
                    spacing: Style.mm(2)
                    Picture {
                        anchors.verticalCenter: parent.verticalCenter
                        width: Style.mm(7)
                        height: width
                        address: Style.icon(choice.modelData.icon, Style.inkSoft)
                    }
                    Words {
                        anchors.verticalCenter: parent.verticalCenter
                        text: choice.modelData.label
                        size: Style.small
                        lineHeight: 1.0
                        wrapMode: Text.NoWrap
                        color: Style.ink
                        Accessible.ignored: true
                    }
                }
            }
        }
    }
}
