// SPDX-License-Identifier: Apache-2.0
// Three dots that take turns: something is going on. With calm they stand still.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"

Row {
    id: working

    property int size: Style.mm(Style.landscape ? 4.5 : 6)
    property int turn: 0

    spacing: size
    Accessible.ignored: true

    Timer {
        interval: 450
        repeat: true
        running: working.visible && !Style.calm
        onTriggered: working.turn = (working.turn + 1) % 3
    }

    Repeater {
        model: 3
        Rectangle {
            id: dot
            required property int index
            readonly property bool strong: Style.calm || index === working.turn
            width: working.size
            height: working.size
            radius: width / 2
            color: strong ? Style.action : Style.lineStrong
            opacity: strong ? 1.0 : 0.45
            Behavior on opacity {
                enabled: !Style.calm
                NumberAnimation {
                    duration: 250
                }
            }
        }
    }
}
