// SPDX-License-Identifier: Apache-2.0
// The question of a screen. Breaks where its author put a break, as long as each part fits a line.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"

Words {
    id: heading

    property string strict: ""
    property string loose: ""
    property string strictLongest: ""
    property string spoken: ""

    readonly property int linesWanted: Style.landscape || Style.textScale > 1.3 ? 3 : 2
    readonly property bool tight: trial.lineCount > linesWanted

    property real grown: 1
    readonly property int whole: Math.round(Style.heading * grown)

    size: tight ? Math.round(whole * 0.88) : whole
    floor: Math.min(size, Style.headingFloor)
    balanced: horizontalAlignment === Text.AlignHCenter
    bold: true
    lineHeight: Style.headingLeading
    text: strictPiece.advanceWidth <= width ? strict : loose
    Accessible.role: Accessible.Heading
    Accessible.name: spoken

    Text {
        id: trial
        visible: false
        width: heading.width
        text: longestAtFull.advanceWidth <= width ? heading.strict : heading.loose
        font.family: Style.family
        font.bold: true
        font.pixelSize: heading.whole
        wrapMode: Text.Wrap
        textFormat: Text.PlainText
        Accessible.ignored: true
    }
    TextMetrics {
        id: longestAtFull
        font.family: Style.family
        font.bold: true
        font.pixelSize: heading.whole
        text: heading.strictLongest
    }
    TextMetrics {
        id: strictPiece
        font.family: Style.family
        font.bold: true
        font.pixelSize: heading.size
        text: heading.strictLongest
    }
}
