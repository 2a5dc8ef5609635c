// SPDX-License-Identifier: Apache-2.0
// Text of the kiosk: wraps at phrases, and grows smaller down to `floor` rather than be cut.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"

Text {
    id: words

    property int size: Style.body
    property int floor: Style.bodyFloor
    // What it would take at full size; `implicitHeight` is that of the fitted size.
    readonly property real natural: Math.ceil(full.implicitHeight)
    readonly property real naturalWidth: Math.ceil(metrics.advanceWidth) + 4

    // Lines of about the same length, for words in the middle: no last word alone on its line.
    property bool balanced: false
    readonly property int spare: balanced && full.lineCount > 1 && narrow.lineCount === full.lineCount && natural <= height ? Math.max(0, Math.floor((width - narrow.width) / 2)) : 0

    // The longest piece that must stay whole decides, too.
    // With a companion, words that stand beside each other are of one size.
    property string companion: ""
    readonly property string longest: companion !== "" ? companion : text.split(/[\u200b\n ]/).reduce((a, b) => b.length > a.length ? b : a, "")
    readonly property int fitted: wrapMode === Text.NoWrap || piece.advanceWidth <= width || width <= 0 ? size : Math.max(Math.min(floor, size), Math.floor(size * width / piece.advanceWidth))

    leftPadding: spare
    rightPadding: spare
    font.family: Style.family
    font.pixelSize: Math.max(1, fitted)
    fontSizeMode: Text.Fit
    minimumPixelSize: Math.max(1, Math.min(floor, fitted))
    color: Style.ink
    wrapMode: Text.Wrap
    lineHeight: Style.leading
    textFormat: Text.PlainText
    Accessible.role: Accessible.StaticText
    Accessible.name: Kiosk.plain(text)

    Text {
        id: full
        visible: false
        width: words.width
        text: words.text
        font.family: Style.family
        font.bold: words.font.bold
        font.pixelSize: Math.max(1, words.fitted)
        wrapMode: words.wrapMode
        lineHeight: words.lineHeight
        textFormat: Text.PlainText
        Accessible.ignored: true
    }
    Text {
        id: narrow
        visible: false
        width: words.balanced ? Math.min(words.width, Math.ceil(Math.max(piece.advanceWidth + 4, words.naturalWidth * words.fitted / Math.max(1, words.size) / Math.max(1, full.lineCount) * 1.16))) : 0
        text: words.balanced ? words.text : ""
        font.family: Style.family
        font.bold: words.font.bold
        font.pixelSize: Math.max(1, words.fitted)
        wrapMode: words.wrapMode
        lineHeight: words.lineHeight
        textFormat: Text.PlainText
        Accessible.ignored: true
    }
    TextMetrics {
        id: metrics
        font.family: Style.family
        font.bold: words.font.bold
        font.pixelSize: Math.max(1, words.size)
        text: words.text
    }
    TextMetrics {
        id: piece
        font.family: Style.family
        font.bold: words.font.bold
        font.pixelSize: Math.max(1, words.size)
        text: words.longest
    }
}
