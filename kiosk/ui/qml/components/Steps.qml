// SPDX-License-Identifier: Apache-2.0
// The leaflet's four steps: done, now, to come; by figure, weight and fill, never by colour alone. Lying, there is
// room for one name only: that of the step that goes on.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"

Item {
    id: steps

    property int now: 0
    readonly property bool lying: Style.landscape
    readonly property int disc: Style.mm(lying ? 9 : 10)
    readonly property int size: lying ? Style.small : Math.min(Style.mm(6.6 * Math.min(Style.textScale, 1.12)), Math.round(width / 4 / 5.9))
    readonly property int stretch: Math.floor((width - 4 * disc - (lying ? name.naturalWidth + Style.mm(2) : 0) - Style.mm(16)) / 3)

    function placeOf(index: int): int {
        if (!lying)
            return Math.round(width / 4 * (index + 0.5) - disc / 2);
        const shift = index > now - 1 ? name.naturalWidth + Style.mm(2) : 0;
        return index * (disc + Math.min(stretch, Style.mm(18)) + Style.mm(4)) + shift;
    }

    visible: now > 0
    Accessible.role: Accessible.ProgressBar
    Accessible.name: Kiosk.texts["step.spoken"] ?? ""

    Repeater {
        model: 4
        Item {
            id: step
            required property int index
            readonly property int number: index + 1
            readonly property bool done: number < steps.now || (number === 4 && steps.now === 4 && Kiosk.screen.number !== "")
            readonly property bool current: number === steps.now
            readonly property int begin: index === 0 ? 0 : steps.placeOf(index - 1) + steps.disc + (steps.lying && number === steps.now + 1 ? name.naturalWidth + Style.mm(2) : 0) + Style.mm(2)

            anchors.fill: parent

            Rectangle {
                visible: step.index > 0
                x: step.begin
                width: Math.max(0, disc.x - Style.mm(2) - x)
                height: 4
                y: disc.y + steps.disc / 2 - 2
                radius: 2
                color: step.number <= steps.now ? Style.action : Style.line
            }
            Rectangle {
                id: disc
                x: steps.placeOf(step.index)
                y: steps.lying ? Math.round((steps.height - height) / 2) : Math.round((steps.height - height - label.natural - Style.mm(1)) / 2)
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
                    wrapMode: Text.NoWrap
                    bold: true
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
                id: label
                visible: !steps.lying
                anchors.horizontalCenter: disc.horizontalCenter
                anchors.top: disc.bottom
                anchors.topMargin: Style.mm(1)
                text: Kiosk.texts["step." + step.number] ?? ""
                size: steps.size
                floor: steps.size
                lineHeight: 1.1
                wrapMode: Text.NoWrap
                bold: step.current
                color: step.current ? Style.action : Style.inkSoft
                Accessible.ignored: true
            }
        }
    }
    Words {
        id: name
        visible: steps.lying
        x: steps.now > 0 ? steps.placeOf(steps.now - 1) + steps.disc + Style.mm(2) : 0
        anchors.verticalCenter: parent.verticalCenter
        text: steps.now > 0 ? (Kiosk.texts["step." + steps.now] ?? "") : ""
        size: Style.small
        lineHeight: 1.0
        wrapMode: Text.NoWrap
        bold: true
        color: Style.action
        Accessible.ignored: true
    }
}
