// SPDX-License-Identifier: Apache-2.0
// The buttons of a screen, in one of four arrangements, always ending at the same line.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"
import "../components"

Item {
    id: answers

    readonly property var entries: Kiosk.screen.buttons ?? []
    readonly property string arrangement: Kiosk.screen.answers ?? "none"
    readonly property int count: entries.length
    // beside two that weigh the same, a third that asks for nothing stands below
    readonly property var quiet: arrangement === "pair" ? entries.filter(entry => entry.kind === "quiet") : []
    readonly property var level: quiet.length > 0 ? entries.filter(entry => entry.kind !== "quiet") : entries
    readonly property int quietHeight: quiet.length > 0 ? Style.mm(Style.landscape ? 20 : 26) : 0
    readonly property bool side: arrangement === "pair" || (arrangement === "tiles" && !Style.landscape)
    readonly property int listHeight: Style.mm(pictured ? (Style.landscape ? 31 : 62) : Style.landscape ? (Kiosk.screen.scene === "face" ? 21 : 27) : 31) * (Style.textScale > 1.3 && !(Style.landscape && Kiosk.screen.scene === "face") ? 1.18 : 1)
    readonly property bool pictured: arrangement === "list" && count > 0 && entries[0].picture !== ""
    readonly property int wanted: arrangement === "none" || count === 0 ? 0 : arrangement === "pad" ? Style.mm(Style.landscape ? 96 : 158) : side ? Style.mm(arrangement === "tiles" ? 58 : Style.landscape ? 62 : 66) + (quietHeight > 0 ? quietHeight + Style.gap : 0) : count * listHeight + (count - 1) * Style.gap

    readonly property string companion: level.map(entry => entry.label).join("\n").split(/[\u200b\n ]/).reduce((a, b) => b.length > a.length ? b : a, "")

    Loader {
        anchors.fill: parent
        sourceComponent: answers.arrangement === "pad" ? padView : answers.arrangement === "none" ? null : answers.side ? rowView : listView
    }

    Component {
        id: padView
        PinPad {
            entries: answers.entries
            focus: true
        }
    }
    Component {
        id: rowView
        Column {
            spacing: Style.gap
            Row {
                id: row
                spacing: Style.mm(Style.landscape ? 3 : 5)
                Repeater {
                    model: answers.level
                    BigButton {
                        required property var modelData
                        width: Math.floor((answers.width - (answers.level.length - 1) * row.spacing) / answers.level.length)
                        height: answers.height - (answers.quietHeight > 0 ? answers.quietHeight + Style.gap : 0)
                        tall: true
                        action: modelData.action
                        label: modelData.label
                        detail: modelData.detail
                        spoken: modelData.spoken
                        icon: modelData.icon
                        kind: modelData.kind
                        picture: modelData.picture
                        companion: answers.companion
                    }
                }
            }
            Repeater {
                model: answers.quiet
                BigButton {
                    required property var modelData
                    width: answers.width
                    height: answers.quietHeight
                    action: modelData.action
                    label: modelData.label
                    detail: modelData.detail
                    spoken: modelData.spoken
                    icon: modelData.icon
                    kind: modelData.kind
                }
            }
        }
    }
    Component {
        id: listView
        Column {
            spacing: Style.gap
            Repeater {
                model: answers.entries
                BigButton {
                    required property var modelData
                    width: answers.width
                    height: Math.min(answers.listHeight, Math.floor((answers.height - (answers.count - 1) * Style.gap) / answers.count))
                    action: modelData.action
                    label: modelData.label
                    detail: modelData.detail
                    spoken: modelData.spoken
                    icon: modelData.icon
                    kind: modelData.kind
                    picture: modelData.picture
                    companion: answers.companion
                }
            }
        }
    }
}
