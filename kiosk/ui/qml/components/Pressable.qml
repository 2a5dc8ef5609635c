// SPDX-License-Identifier: Apache-2.0
// What every control has in common: a name, a role, touch, keys, focus.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"

FocusScope {
    id: control

    property string action: ""
    property string spoken: ""
    property int radius: Style.radius
    readonly property bool down: touch.pressed

    signal used

    objectName: "action:" + action
    activeFocusOnTab: true
    Accessible.role: Accessible.Button
    Accessible.name: spoken
    Accessible.focusable: true
    Accessible.onPressAction: control.use()

    function use() {
        control.used();
    }

    Keys.onReturnPressed: event => {
        if (!event.isAutoRepeat)
            control.use();
    }
    Keys.onEnterPressed: event => {
        if (!event.isAutoRepeat)
            control.use();
    }
    Keys.onSpacePressed: event => {
        if (!event.isAutoRepeat)
            control.use();
    }

    FocusRing {
        around: control
        radius: control.radius
        z: 2
    }

    MouseArea {
        id: touch
        anchors.fill: parent
        z: 3
        onClicked: control.use()
    }
}
