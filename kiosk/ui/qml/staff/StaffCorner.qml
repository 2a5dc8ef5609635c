// SPDX-License-Identifier: Apache-2.0
// The staff's layer over whatever the patient sees; shut, it is not there at all.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"

FocusScope {
    id: corner

    property var bridge: null
    readonly property var view: bridge ? bridge.view : ({})
    readonly property bool opened: bridge ? bridge.isOpen : false
    readonly property bool menu: view.stage === "menu"
    readonly property int inset: Style.mm(Style.landscape ? 6 : 12)

    objectName: "staffCornerLayer"
    visible: opened
    enabled: opened
    focus: opened
    onOpenedChanged: {
        if (opened)
            corner.forceActiveFocus();
    }
    Keys.onEscapePressed: {
        if (corner.bridge)
            corner.bridge.close();
    }
    Keys.onPressed: event => {
        const digit = event.text.length === 1 ? "0123456789".indexOf(event.text) : -1;
        if (!corner.menu && digit >= 0 && corner.bridge) {
            corner.bridge.digit(digit);
            event.accepted = true;
        } else if (!corner.menu && event.key === Qt.Key_Backspace && corner.bridge) {
            corner.bridge.erase();
            event.accepted = true;
        }
    }

    PointHandler {
        acceptedButtons: Qt.AllButtons
        onActiveChanged: {
            if (active && corner.bridge)
                corner.bridge.touched();
        }
    }

    Rectangle {
        anchors.fill: parent
        color: "#141A2E"
        opacity: 0.62
    }
    MouseArea {
        anchors.fill: parent // nothing below can be touched
    }

    Rectangle {
        id: sheet
        objectName: "staffSheet"
        anchors.centerIn: parent
        width: corner.menu ? Math.min(corner.width - 2 * Style.mm(Style.landscape ? 6 : 16), Style.mm(Style.landscape ? 206 : 220)) : code.implicitWidth + 2 * corner.inset
        height: (corner.menu ? menuPart.implicitHeight : code.implicitHeight + (Style.landscape ? 0 : Style.mm(26))) + 2 * corner.inset
        radius: Style.radius
        color: Style.card
        border.width: Style.contrast ? 3 : 0
        border.color: Style.line

        StaffCode {
            id: code
            x: corner.inset
            y: corner.inset
            width: implicitWidth
            height: implicitHeight
            visible: !corner.menu
            enabled: visible
            bridge: corner.bridge
        }
        StaffButton {
            // the menu brings its own
            visible: !corner.menu
            enabled: visible
            action: corner.menu ? "" : "staff.close"
            spoken: Kiosk.plain(label)
            label: corner.bridge ? corner.bridge.texts["key.close"] : ""
            icon: "close"
            kind: "quiet"
            x: corner.inset
            y: Style.landscape ? sheet.height - corner.inset - height : code.y + code.height + Style.mm(6)
            width: Style.landscape ? Style.mm(56) : sheet.width - 2 * corner.inset
            onUsed: {
                if (corner.bridge)
                    corner.bridge.close();
            }
        }
        StaffMenu {
            id: menuPart
            x: corner.inset
            y: corner.inset
            width: sheet.width - 2 * corner.inset
            visible: corner.menu
            enabled: visible
            bridge: corner.bridge
        }
    }
}
