// SPDX-License-Identifier: Apache-2.0
// A card that comes down onto the reader, or is lifted off it. It moves two seconds in fifteen.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"
import "../components"

Item {
    id: scene

    property bool lifting: false
    readonly property real unit: Math.min(width / 690, height / 490)
    property real way: lifting ? 0.75 : 0.0 // 0 where it begins, 1 at the end of its way

    Item {
        anchors.centerIn: parent
        width: Math.round(800 * scene.unit)
        height: Math.round(520 * scene.unit)

        Picture {
            anchors.fill: parent
            address: Style.drawing("reader")
        }
        Picture {
            id: card
            readonly property real up: scene.lifting ? scene.way : 1 - scene.way
            x: Math.round(245 * scene.unit)
            y: Math.round((228 - 178 * up) * scene.unit)
            width: Math.round(310 * scene.unit)
            height: Math.round(200 * scene.unit)
            address: Style.drawing("card")
        }
        Picture {
            x: Math.round(590 * scene.unit)
            y: Math.round(150 * scene.unit)
            width: Math.round(90 * scene.unit)
            height: Math.round(130 * scene.unit)
            rotation: scene.lifting ? 180 : 0
            address: Style.drawing("arrow")
        }
    }

    SequentialAnimation {
        running: scene.visible && !Style.calm
        loops: Animation.Infinite

        PauseAnimation {
            duration: scene.lifting ? 900 : 1500
        }
        NumberAnimation {
            target: scene
            property: "way"
            from: 0
            to: 1
            duration: 1400
            easing.type: Easing.InOutCubic
        }
        PauseAnimation {
            duration: scene.lifting ? 1600 : 11500
        }
        NumberAnimation {
            target: scene
            property: "way"
            to: 0
            duration: 600
            easing.type: Easing.InOutCubic
        }
    }
}
