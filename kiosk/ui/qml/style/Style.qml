// SPDX-License-Identifier: Apache-2.0
// Sizes in millimetres of the real panel, and the colours of both themes. Numbers: docs of the UI brief.
pragma Singleton
import QtQuick

QtObject {
    id: style

    // Set by Main
    property real pxPerMm: 4.03
    property bool landscape: false
    property real textScale: 1.0
    property bool contrast: false
    property bool calm: false
    property string language: "ja"

    function mm(millimetres: real): int {
        return Math.round(millimetres * pxPerMm);
    }

    // Type, as em
    readonly property string family: "BIZ UDPGothic"
    readonly property int small: mm(6.6)
    readonly property int body: mm((landscape ? 6.8 : 9.2) * textScale)
    readonly property int label: mm((landscape ? 7.4 : 9.4) * textScale)
    readonly property int heading: mm((landscape ? 9 : 13.6) * textScale)
    readonly property int headingFloor: mm(landscape ? 8 : 12)
    readonly property int bodyFloor: mm(6.6)
    readonly property int foot: mm(landscape ? 6.6 : 7.2 * Math.min(textScale, 1.2))
    readonly property real leading: language === "ja" ? (landscape ? 1.24 : 1.42) : landscape ? 1.07 : 1.22
    readonly property real headingLeading: language === "ja" ? (landscape ? 1.22 : 1.3) : 1.14

    // Distances
    readonly property int margin: mm(landscape ? 7 : 13)
    readonly property int gap: mm(landscape ? 4 : 5)
    readonly property int target: mm(20)
    readonly property int targetFloor: mm(16)
    readonly property int radius: landscape ? 20 : 24

    // Colours
    readonly property color ground: contrast ? "#000000" : "#F8F8FB"
    readonly property color card: contrast ? "#0B0D10" : "#FFFFFF"
    readonly property color panel: contrast ? "#101418" : "#EEF1FB"
    readonly property color ink: contrast ? "#FFFFFF" : "#1A1A1A"
    readonly property color inkSoft: contrast ? "#F0F0F0" : "#333333"
    readonly property color line: contrast ? "#FFFFFF" : "#D5D9E6"
    readonly property color lineStrong: contrast ? "#FFFFFF" : "#8B93AB"
    readonly property color action: contrast ? "#FFD43D" : "#0017C1"
    readonly property color actionPressed: contrast ? "#C9A214" : "#000060"
    readonly property color actionText: contrast ? "#000000" : "#FFFFFF"
    readonly property color actionTint: contrast ? "#2A2404" : "#EEF1FB"
    readonly property color actionTintPressed: contrast ? "#4A3F06" : "#DBE3FB"
    readonly property color good: contrast ? "#7BE0AE" : "#197A4B"
    readonly property color goodTint: contrast ? "#06251A" : "#E6F4EC"
    readonly property color attention: contrast ? "#FFD43D" : "#6E5600"
    readonly property color attentionTint: contrast ? "#211B00" : "#FBF5E0"
    readonly property color attentionLine: contrast ? "#FFD43D" : "#E2CE86"
    readonly property color trouble: contrast ? "#FF9E9E" : "#CE0000"
    readonly property color focusOuter: contrast ? "#FFFFFF" : "#000000"
    readonly property color focusInner: "#FFD43D"

    readonly property int quick: calm ? 0 : 90
    readonly property int move: calm ? 0 : 230

    function hex(colour: color): string {
        return "%23" + colour.toString().slice(-6);
    }

    function icon(name: string, colour: color): string {
        return "image://drawing/icons/" + name + "?ink=" + hex(colour);
    }

    function drawing(name: string): string {
        return "image://drawing/scenes/" + name + "?contrast=" + (contrast ? 1 : 0);
    }
}
