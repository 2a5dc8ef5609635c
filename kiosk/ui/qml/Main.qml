// SPDX-License-Identifier: Apache-2.0
// The whole window: what always stands there, the screen, and room for the staff's own layers.
pragma ComponentBehavior: Bound
import QtQuick
import "style"
import "components"
import "screens"

Rectangle {
    id: main

    required property QtObject bridge
    property QtObject staff: null
    property QtObject diagnostics: null
    property url staffLayer: ""
    property url diagnosticsLayer: ""

    readonly property string shown: Kiosk.screen.name ?? ""
    // while a layer lies over it, the patient's screen is out of reach of fingers, keys and screen readers
    readonly property bool covered: ((staffOverlay.item as Item)?.visible ?? false) || diagnosticsScreen.item !== null
    // Lying, the top bar says SIMULATION; where something lies over the top bar, the banner does.
    readonly property bool bannered: Kiosk.bridge !== null && Kiosk.bridge.simulated && (!Style.landscape || covered)
    readonly property int bannerHeight: bannered ? Style.mm(Style.landscape ? 7.2 : 11) : 0
    readonly property int topHeight: Style.landscape ? Style.mm(17) : Math.round(height * 0.066)

    objectName: "main"
    color: Style.ground
    focus: true

    Binding {
        target: Kiosk
        property: "bridge"
        value: main.bridge
    }
    Binding {
        target: Style
        property: "landscape"
        value: main.width > main.height
    }
    Binding {
        target: Style
        property: "pxPerMm"
        value: Kiosk.bridge ? main.width / Kiosk.bridge.widthMm : 4
    }
    Binding {
        target: Style
        property: "textScale"
        value: Kiosk.bridge ? Kiosk.bridge.textScale : 1
    }
    Binding {
        target: Style
        property: "contrast"
        value: Kiosk.bridge ? Kiosk.bridge.highContrast : false
    }
    Binding {
        target: Style
        property: "calm"
        value: Kiosk.calm
    }
    Binding {
        target: Style
        property: "language"
        value: Kiosk.language
    }

    // Any touch counts as a sign of life, whatever it meets.
    PointHandler {
        acceptedButtons: Qt.AllButtons
        onActiveChanged: {
            if (active && Kiosk.bridge)
                Kiosk.bridge.touched();
        }
    }
    // A keyboard is another way to touch; on a pad's screen its digits go the way of the keys.
    Keys.onPressed: event => {
        if (Kiosk.bridge)
            Kiosk.bridge.touched();
        event.accepted = false;
        if (main.covered || Kiosk.screen.answers !== "pad" || event.isAutoRepeat)
            return;
        event.accepted = true;
        if (event.key >= Qt.Key_0 && event.key <= Qt.Key_9)
            Kiosk.digit(event.key - Qt.Key_0);
        else if (event.key === Qt.Key_Backspace)
            Kiosk.press(Kiosk.screen.buttons[9].action);
        else if (event.key === Qt.Key_Return || event.key === Qt.Key_Enter)
            Kiosk.press(Kiosk.screen.buttons[11].action);
        else
            event.accepted = false;
    }

    SimulationBanner {
        width: main.width
        height: main.bannerHeight
        visible: main.bannered
        z: 10
    }
    TopBar {
        id: top
        y: main.bannerHeight
        width: main.width
        height: main.topHeight
        enabled: !main.covered
        onCornerHeld: {
            if (Kiosk.bridge)
                Kiosk.bridge.longPressedCorner();
        }
    }

    Screen {
        id: screen
        y: main.bannerHeight + main.topHeight
        width: main.width
        height: main.height - y
        enabled: !main.covered

        transform: Translate {
            id: slide
        }
    }

    // A new screen comes in once; words that change on a screen that stays do not move it.
    onShownChanged: {
        if (!Style.calm)
            entrance.restart();
        if (!main.covered)
            main.forceActiveFocus();
    }
    ParallelAnimation {
        id: entrance
        NumberAnimation {
            target: screen
            property: "opacity"
            from: 0.0
            to: 1.0
            duration: Style.move
            easing.type: Easing.OutCubic
        }
        NumberAnimation {
            target: slide
            property: "y"
            from: Style.mm(5)
            to: 0
            duration: Style.move
            easing.type: Easing.OutCubic
        }
    }

    Loader {
        id: diagnosticsScreen
        objectName: "diagnosticsLayer"
        anchors.fill: parent
        anchors.topMargin: main.bannerHeight
        active: main.diagnostics !== null && main.shown === "diagnostics"
        source: main.diagnosticsLayer
    }
    Binding {
        target: diagnosticsScreen.item
        property: "bridge"
        value: main.diagnostics
        when: diagnosticsScreen.status === Loader.Ready
    }
    Loader {
        id: staffOverlay
        objectName: "staffLayer"
        anchors.fill: parent
        active: main.staff !== null
        source: main.staffLayer
    }
    Binding {
        target: staffOverlay.item
        property: "bridge"
        value: main.staff
        when: staffOverlay.status === Loader.Ready
    }
}
