// SPDX-License-Identifier: Apache-2.0
// The way from any part of a screen to the program; Main sets the bridge.
pragma Singleton
import QtQuick

QtObject {
    id: kiosk

    property var bridge: null

    readonly property var screen: bridge ? bridge.screen : ({})
    readonly property var live: bridge ? bridge.live : ({})
    readonly property var texts: bridge ? bridge.texts : ({})
    readonly property bool calm: bridge ? bridge.calm : true
    readonly property string language: bridge ? bridge.language : "ja"

    function press(action: string) {
        if (bridge)
            bridge.press(action);
    }

    function digit(number: int) {
        if (bridge)
            bridge.digit(number);
    }

    function plain(text: string): string {
        return text.replace(/[\u2060\u200b]/g, "");
    }
}
