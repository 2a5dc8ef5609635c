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

    font.family: Style.family
    font.pixelSize: Math.max(1, size)
    fontSizeMode: Text.Fit
    minimumPixelSize: Math.max(1, Math.min(floor, size))
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
        font.pixelSize: Math.max(1, words.size)
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
}
