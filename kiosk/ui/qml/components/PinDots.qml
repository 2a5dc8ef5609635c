// SPDX-License-Identifier: Apache-2.0
// How many of the four digits are there.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"

Row {
    id: dots

    readonly property int filled: Kiosk.live.pinDigits ?? 0
    property int size: Style.mm(Style.landscape ? 12 : 17)

    objectName: "pinDots"
    spacing: Math.round(size * 0.5)
    Accessible.role: Accessible.StaticText
    Accessible.name: Kiosk.live.pinSpoken ?? ""

    Repeater {
        model: 4
        Rectangle {
            id: box
            required property int index
            readonly property bool filled: index < dots.filled
            readonly property bool next: index === dots.filled

            width: dots.size
            height: Math.round(dots.size * 1.2)
            radius: 14
            color: Style.card
            border.width: box.next ? 5 : 3
            border.color: box.next || box.filled ? Style.action : Style.lineStrong

            Rectangle {
                anchors.centerIn: parent
                width: Math.round(dots.size * 0.42)
                height: width
                radius: width / 2
                color: Style.action
                visible: box.filled
            }
        }
    }
}
