// SPDX-License-Identifier: Apache-2.0
// The four places of the PIN, and the hand that covers the keys.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"
import "../components"

Item {
    id: scene

    readonly property int room: Math.min(Math.round(height), Style.mm(Style.landscape ? 16 : 38))
    implicitHeight: dots.height

    Row {
        anchors.verticalCenter: parent.verticalCenter
        x: Style.landscape ? 0 : Math.round((parent.width - width) / 2)
        spacing: Style.mm(9)
        layoutDirection: Style.landscape ? Qt.RightToLeft : Qt.LeftToRight

        Picture {
            anchors.verticalCenter: parent.verticalCenter
            width: scene.room * 1.2
            height: scene.room
            address: Style.drawing("cover")
        }
        PinDots {
            id: dots
            anchors.verticalCenter: parent.verticalCenter
            size: Math.min(Style.mm(17), Math.round(scene.height * 0.72))
        }
    }
}
