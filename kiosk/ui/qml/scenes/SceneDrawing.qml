// SPDX-License-Identifier: Apache-2.0
// The drawing of a screen: still, moving, or with the places for digits.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"
import "../components"

Loader {
    id: drawing

    readonly property string scene: Kiosk.screen.scene ?? ""

    sourceComponent: !visible || ["", "face"].includes(scene) ? null : scene === "pin" ? pinScene : scene.startsWith("printed-") ? printedScene : ["place-card", "take-card"].includes(scene) ? movingScene : stillScene

    Component {
        id: pinScene
        PinScene {}
    }
    Component {
        id: printedScene
        PrintedScene {}
    }
    Component {
        id: movingScene
        CardScene {
            lifting: drawing.scene === "take-card"
        }
    }
    Component {
        id: stillScene
        Picture {
            address: ["", "pin", "face", "place-card", "take-card"].includes(drawing.scene) || drawing.scene.startsWith("printed-") ? "" : Style.drawing(drawing.scene)
        }
    }
}
