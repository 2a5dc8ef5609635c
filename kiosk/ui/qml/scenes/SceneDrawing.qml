// SPDX-License-Identifier: Apache-2.0
// The drawing of a screen: still, moving, or the places of the PIN.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"
import "../components"

Loader {
    id: drawing

    readonly property string scene: Kiosk.screen.scene ?? ""

    sourceComponent: !visible || ["", "face"].includes(scene) ? null : scene === "pin" ? pinScene : ["place-card", "take-card"].includes(scene) ? movingScene : stillScene

    Component {
        id: pinScene
        PinScene {}
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
            address: ["", "pin", "face", "place-card", "take-card"].includes(drawing.scene) ? "" : Style.drawing(drawing.scene)
        }
    }
}
