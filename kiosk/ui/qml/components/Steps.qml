// SPDX-License-Identifier: Apache-2.0
// The leaflet's four steps: done, now, to come; by figure, weight and fill, never by colour alone.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"

Item {
    id: steps

    property int now: 0
    readonly property int disc: Style.mm(Style.landscape ? 9 : 10)
    readonly property int size: Math.min(Style.mm(6.6 * Math.min(Style.textScale, 1.12)), Math.round(width / 4 / 5.9))

    visible: now > 0
    Accessible.role: Accessible.ProgressBar
    Accessible.name: Kiosk.texts["step.spoken"] ?? ""

    Row {
        anchors.fill: parent
        Repeater {
            model: 4
            Item {
                id: step
                required property int index
                readonly property int number: index + 1
                readonly property bool done: number < steps.now || (number === 4 && steps.now === 4 && Kiosk.screen.number !== "")
                readonly property bool current: number === steps.now

                width: steps.width / 4
                height: steps.height

                Rectangle {
                    visible: step.index > 0
                    x: -step.width / 2 + steps.disc / 2 + Style.mm(2)
                    width: step.width - steps.disc - Style.mm(4)
                    height: 4
                    y: disc.y + steps.disc / 2 - 2
                    radius: 2
                    color: step.number <= steps.now ? Style.action : Style.line
                }
                Rectangle {
                    id: disc
                    anchors.horizontalCenter: parent.horizontalCenter
                    y: Math.round((parent.height - height - name.height - Style.mm(1)) / 2)
                    width: steps.disc
                    height: steps.disc
                    radius: width / 2
                    color: step.current || step.done ? Style.action : Style.card
                    border.width: 3
                    border.color: step.current || step.done ? Style.action : Style.lineStrong

                    Words {
                        anchors.centerIn: parent
                        visible: !step.done
                        text: step.number
                        size: Style.small
                        lineHeight: 1.0
                        font.bold: true
                        color: step.current ? Style.actionText : Style.inkSoft
                        Accessible.ignored: true
                    }
                    Picture {
                        anchors.centerIn: parent
                        visible: step.done
                        width: parent.width * 0.66
                        height: width
                        address: step.done ? Style.icon("check", Style.actionText) : ""
                    }
                }
                Words {
                    id: name
                    anchors.horizontalCenter: parent.horizontalCenter
                    anchors.top: disc.bottom
                    anchors.topMargin: Style.mm(1)
                    height: natural
                    text: Kiosk.texts["step." + step.number] ?? ""
                    size: steps.size
                    floor: steps.size
                    lineHeight: 1.1
                    wrapMode: Text.NoWrap
                    font.bold: step.current
                    color: step.current ? Style.action : Style.inkSoft
                    Accessible.ignored: true
                }
            }
        }
    }
}
