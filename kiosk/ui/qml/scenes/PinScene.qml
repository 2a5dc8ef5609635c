// SPDX-License-Identifier: Apache-2.0
// The four places of the PIN, and the hand that covers the keys.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"
import "../components"

Item {
    id: scene

    readonly property int room: Style.landscape ? 0 : Math.min(Math.round(height), Style.mm(38))
    implicitHeight: dots.height

    Row {
        anchors.centerIn: parent
        spacing: Style.mm(9)

        Picture {
            anchors.verticalCenter: parent.verticalCenter
            visible: scene.room >= Style.mm(22)
            width: visible ? scene.room * 1.2 : 0
            height: scene.room
            address: Style.drawing("cover")
        }
        PinDots {
            id: dots
            anchors.verticalCenter: parent.verticalCenter
        }
    }
}
