// SPDX-License-Identifier: Apache-2.0
// Text of the kiosk: wraps at phrases, keeps phrases whole, and grows smaller down to `floor` rather than be cut.
import QtQuick
import "../style"

Text {
    id: words

    property int size: Style.body
    property int floor: Style.bodyFloor
    property bool bold: false
    // The height there is; without it the text takes what it needs.
    property real room: -1
    // Lines of about the same length, for words in the middle: no last word alone on its line.
    property bool balanced: false
    // With a companion, words that stand beside each other are of one size.
    property string companion: ""

    // What it takes at full size.
    readonly property real natural: Math.ceil(full.implicitHeight)
    readonly property real naturalWidth: Math.ceil(metrics.advanceWidth) + 4

    readonly property string longest: companion !== "" ? companion : text.split(/[\u200b\n ]/).reduce((a, b) => b.length > a.length ? b : a, "")
    readonly property int fitted: wrapMode === Text.NoWrap || piece.advanceWidth <= width || width <= 0 ? size : Math.max(Math.min(floor, size), Math.floor(size * width / piece.advanceWidth))

    // Half the size needs at most half the height; the root is tried first, since shorter lines need fewer of them.
    readonly property real share: room >= 0 && natural > room ? room / natural : 1
    readonly property int shrunk: share === 1 ? fitted : root.implicitHeight <= room ? root.pixels : middle.implicitHeight <= room ? middle.pixels : smaller(share)
    readonly property int spare: balanced && share === 1 && full.lineCount > 1 && narrow.lineCount === full.lineCount ? Math.max(0, Math.floor((width - narrow.width) / 2)) : 0

    function smaller(factor: real): int {
        return Math.max(1, Math.min(floor, fitted), Math.floor(fitted * factor));
    }

    height: room < 0 ? natural : Math.min(natural, room)
    leftPadding: spare
    rightPadding: spare
    font.family: Style.family
    font.bold: bold
    font.pixelSize: Math.max(1, shrunk)
    color: Style.ink
    wrapMode: Text.Wrap
    lineHeight: Style.leading
    textFormat: Text.PlainText
    Accessible.role: Accessible.StaticText
    Accessible.name: Kiosk.plain(text)

    Measured {
        id: full
        width: words.width
        text: words.text
        pixels: words.fitted
        font.bold: words.bold
        wrapMode: words.wrapMode
        lineHeight: words.lineHeight
    }
    Measured {
        id: root
        width: words.width
        text: words.share < 1 ? words.text : ""
        pixels: words.smaller(Math.sqrt(words.share))
        font.bold: words.bold
        wrapMode: words.wrapMode
        lineHeight: words.lineHeight
    }
    Measured {
        id: middle
        width: words.width
        text: words.share < 1 ? words.text : ""
        pixels: words.smaller((words.share + Math.sqrt(words.share)) / 2)
        font.bold: words.bold
        wrapMode: words.wrapMode
        lineHeight: words.lineHeight
    }
    Measured {
        id: narrow
        width: words.balanced ? Math.min(words.width, Math.ceil(Math.max(piece.advanceWidth + 4, words.naturalWidth * words.fitted / Math.max(1, words.size) / Math.max(1, full.lineCount) * 1.16))) : 0
        text: words.balanced ? words.text : ""
        pixels: words.fitted
        font.bold: words.bold
        wrapMode: words.wrapMode
        lineHeight: words.lineHeight
    }
    TextMetrics {
        id: metrics
        font.family: Style.family
        font.bold: words.bold
        font.pixelSize: Math.max(1, words.size)
        text: words.text
    }
    TextMetrics {
        id: piece
        font.family: Style.family
        font.bold: words.bold
        font.pixelSize: Math.max(1, words.size)
        text: words.longest
    }
}
