// SPDX-License-Identifier: Apache-2.0
// One hint at a time.
import QtQuick
import "../style"

Rectangle {
    id: pill

    property int ceiling: Style.mm(60)

    implicitHeight: Math.max(Style.mm(Style.landscape ? 15 : 20), Math.min(hint.natural + Style.mm(4), ceiling))
    radius: Math.min(height / 2, Style.radius)
    color: Style.actionTint
    border.width: Style.contrast ? 2 : 0
    border.color: Style.line

    Words {
        id: hint
        objectName: "hint"
        anchors.centerIn: parent
        width: parent.width - Style.mm(8)
        room: pill.height - Style.mm(2)
        text: Kiosk.live.hint ?? ""
        bold: true
        balanced: true
        color: Style.contrast ? Style.ink : Style.action
        lineHeight: Style.landscape ? 1.15 : 1.25
        horizontalAlignment: Text.AlignHCenter
        verticalAlignment: Text.AlignVCenter
    }
}
