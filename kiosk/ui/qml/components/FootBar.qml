// SPDX-License-Identifier: Apache-2.0
// Back, start over, and a person: always at the same places.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"

Item {
    id: foot

    property var entries: []
    readonly property int spacing: Style.gap
    readonly property int cell: Math.floor((width - 2 * Style.margin - 2 * spacing) / 3)

    function place(action: string): int {
        return action === "foot.back" || action === "foot.slip" ? 0 : action === "foot.restart" ? 1 : 2;
    }

    Rectangle {
        width: parent.width
        height: 2
        color: Style.line
        visible: foot.entries.length > 0
    }

    Repeater {
        model: foot.entries

        Pressable {
            id: entry
            required property var modelData
            readonly property bool call: action === "foot.call"

            action: modelData.action
            spoken: modelData.spoken
            x: Style.margin + foot.place(action) * (foot.cell + foot.spacing)
            y: Math.round((foot.height - height) / 2)
            width: foot.cell
            height: Style.mm(Style.landscape ? 16 : 27)
            onUsed: Kiosk.press(action)

            Rectangle {
                anchors.fill: parent
                radius: entry.radius
                color: entry.down ? Style.actionTintPressed : entry.call ? Style.actionTint : Style.card
                border.width: 2
                border.color: entry.call ? Style.action : Style.lineStrong
            }
            Row {
                anchors.centerIn: parent
                spacing: Style.mm(2.5)
                Picture {
                    id: mark
                    anchors.verticalCenter: parent.verticalCenter
                    width: Style.mm(Style.landscape ? 8 : 10)
                    height: width
                    address: Style.icon(entry.modelData.icon, entry.call ? Style.action : Style.inkSoft)
                }
                Words {
                    anchors.verticalCenter: parent.verticalCenter
                    width: Math.min(naturalWidth, entry.width - mark.width - Style.mm(Style.landscape ? 4.5 : 7))
                    room: entry.height - Style.mm(1)
                    text: entry.modelData.label
                    size: Style.foot
                    floor: Math.round(Style.small * 0.92)
                    lineHeight: Style.landscape ? 1.0 : 1.12
                    bold: true
                    verticalAlignment: Text.AlignVCenter
                    color: entry.call ? Style.action : Style.ink
                    Accessible.ignored: true
                }
            }
        }
    }
}
