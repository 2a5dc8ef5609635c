// SPDX-License-Identifier: Apache-2.0
// Twelve keys as on a telephone. A key tells the program its number; nothing here keeps one.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"

FocusScope {
    id: pad

    property var entries: []
    readonly property int gap: Style.mm(Style.landscape ? 2.6 : 4.5)
    readonly property int keyWidth: Math.floor((width - 2 * gap) / 3)
    readonly property int keyHeight: Math.floor((height - 3 * gap) / 4)

    Grid {
        anchors.centerIn: parent
        columns: 3
        spacing: pad.gap

        Repeater {
            model: pad.entries

            Pressable {
                id: key
                required property var modelData
                required property int index
                readonly property bool number: modelData.icon === ""
                readonly property int value: index < 9 ? index + 1 : 0
                readonly property bool main: modelData.kind === "main"
                readonly property bool ready: main && (Kiosk.live.ready ?? false)

                action: modelData.action
                spoken: modelData.spoken
                width: pad.keyWidth
                height: pad.keyHeight
                onUsed: {
                    if (key.number)
                        Kiosk.digit(key.value);
                    else
                        Kiosk.press(key.action);
                }

                Rectangle {
                    anchors.fill: parent
                    anchors.topMargin: 4
                    anchors.bottomMargin: -4
                    radius: key.radius
                    color: Style.contrast ? "transparent" : "#E3E6F0"
                    visible: !key.down && key.number
                }
                Rectangle {
                    anchors.fill: parent
                    radius: key.radius
                    // a key with a number looks the same pressed or not: nobody shall read it from afar
                    color: key.ready ? (key.down ? Style.actionPressed : Style.action) : key.number ? Style.card : Style.actionTint
                    border.width: key.number ? 3 : key.ready ? 0 : 2
                    border.color: key.number ? Style.lineStrong : Style.action
                }
                Words {
                    anchors.fill: parent
                    visible: key.number
                    text: key.number ? key.modelData.label : ""
                    size: Math.min(Math.round(key.height * 0.56), Style.mm(17 * Style.textScale))
                    bold: true
                    lineHeight: 1.0
                    horizontalAlignment: Text.AlignHCenter
                    verticalAlignment: Text.AlignVCenter
                    Accessible.ignored: true
                }
                Column {
                    anchors.centerIn: parent
                    visible: !key.number
                    spacing: Style.mm(0.8)
                    Picture {
                        anchors.horizontalCenter: parent.horizontalCenter
                        width: Math.round(key.height * 0.36)
                        height: width
                        address: key.number ? "" : Style.icon(key.modelData.icon, key.ready ? Style.actionText : Style.action)
                    }
                    Words {
                        anchors.horizontalCenter: parent.horizontalCenter
                        width: key.width - Style.mm(3)
                        horizontalAlignment: Text.AlignHCenter
                        room: key.height * 0.5
                        text: key.number ? "" : key.modelData.label
                        size: Math.max(Style.small, Math.round(Style.label * 0.86))
                        floor: Math.round(Style.small * 0.9)
                        bold: true
                        lineHeight: 1.0
                        color: key.ready ? Style.actionText : Style.action
                        Accessible.ignored: true
                    }
                }
            }
        }
    }
}
