// SPDX-License-Identifier: Apache-2.0
// What the camera screen asks for: an arrow to a side, a dot to look at, or arrows that point to the mirror.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"

Item {
    id: sign

    property string challenge: ""
    property int room: 0
    property int ovalWidth: 0
    property int ovalHeight: 0

    readonly property bool leftwards: challenge.endsWith("_left")
    readonly property bool turning: challenge.startsWith("turn_")
    readonly property bool looking: challenge.startsWith("look_")
    readonly property bool closer: challenge === "come_closer"
    readonly property int size: Math.max(Style.mm(13), Math.min(Style.mm(24), room - Style.mm(4)))
    readonly property real aside: Math.min(width - size, Math.max(0, (width - ovalWidth) / 2 - size - Style.mm(3)))

    ChallengeArrow {
        visible: sign.turning
        width: sign.size
        height: sign.size
        x: sign.leftwards ? sign.aside : sign.width - sign.aside - width
        y: Math.round((sign.height - height) / 2)
        rotation: sign.leftwards ? 0 : 180
    }
    // The dot sets out from the middle, so that the eyes are taken along.
    Rectangle {
        id: dot

        readonly property real middle: (sign.width - width) / 2
        readonly property real goal: sign.leftwards ? sign.aside : sign.width - sign.aside - width

        visible: sign.looking
        x: goal
        y: Math.round((sign.height - height) / 2)
        width: sign.size
        height: sign.size
        radius: width / 2
        color: Style.action
        border.color: Style.panel
        border.width: Style.mm(0.8)

        NumberAnimation on x {
            running: dot.visible && !Style.calm
            from: dot.middle
            to: dot.goal
            duration: 600
            easing.type: Easing.OutCubic
        }
    }
    Repeater {
        model: sign.closer ? 2 : 0

        ChallengeArrow {
            required property int index
            width: sign.size
            height: sign.size
            x: index === 0 ? sign.aside : sign.width - sign.aside - width
            y: Math.round((sign.height - height) / 2)
            rotation: index === 0 ? 180 : 0
        }
    }
}
