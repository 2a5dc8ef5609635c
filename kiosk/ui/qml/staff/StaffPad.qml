// SPDX-License-Identifier: Apache-2.0
// The staff's code: keys of 20 mm, dots for the digits, nothing that could be read over a shoulder.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"
import "../components"

Grid {
    id: pad

    property var bridge: null
    property bool live: true

    readonly property int keyWidth: Style.mm(27)
    readonly property int keyHeight: Style.mm(20)
    readonly property var keys: ["1", "2", "3", "4", "5", "6", "7", "8", "9", "erase", "0", "submit"]

    columns: 3
    spacing: Style.mm(3)

    Repeater {
        model: pad.keys

        Pressable {
            id: key
            required property string modelData
            readonly property bool number: modelData.length === 1
            readonly property bool main: modelData === "submit"

            action: number ? "staff.digit." + modelData : "staff." + modelData
            spoken: number ? modelData : Kiosk.plain(pad.bridge ? pad.bridge.texts["key." + modelData] : "")
            width: pad.keyWidth
            height: pad.keyHeight
            radius: Style.mm(4)
            opacity: pad.live ? 1 : 0.45
            onUsed: {
                if (pad.bridge)
                    pad.bridge.press(action);
            }

            Rectangle {
                anchors.fill: parent
                radius: key.radius
                // a key with a number looks the same pressed or not
                color: key.main ? (key.down ? Style.actionPressed : Style.action) : key.number ? Style.card : Style.actionTint
                border.width: key.main ? 0 : 2
                border.color: key.number ? Style.lineStrong : Style.action
            }
            Words {
                anchors.fill: parent
                anchors.margins: Style.mm(1.5)
                text: key.number ? key.modelData : pad.bridge ? pad.bridge.texts["key." + key.modelData] : ""
                size: Style.mm(key.number ? 10.5 : 7)
                floor: Style.mm(6)
                bold: true
                lineHeight: 1.0
                color: key.main ? Style.actionText : key.number ? Style.ink : Style.action
                horizontalAlignment: Text.AlignHCenter
                verticalAlignment: Text.AlignVCenter
                Accessible.ignored: true
            }
        }
    }
}
