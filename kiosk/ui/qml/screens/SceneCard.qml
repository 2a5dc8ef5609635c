// SPDX-License-Identifier: Apache-2.0
// The white card in the middle: what to do, as a drawing, and at most a few words.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"
import "../scenes"
import "../components"

Rectangle {
    id: card

    readonly property var view: Kiosk.screen
    readonly property string scene: view.scene ?? ""
    readonly property string tone: view.tone ?? "calm"
    // Lying, words stand on the ground, left, unless the screen is one of those before and after a session.
    readonly property bool framed: scene !== "" && (!Style.landscape || (view.step ?? 0) === 0 && view.answers !== "none" && view.name !== "still-there")
    readonly property int inner: framed ? Style.mm(Style.landscape ? 5 : 9) : Style.landscape ? 0 : Style.mm(9)
    readonly property int columnWidth: width - 2 * inner
    readonly property bool pin: view.answers === "pad"
    readonly property bool printed: scene.startsWith("printed-")
    readonly property bool choosing: printed && (view.beside ?? []).length > 0
    readonly property bool roomy: !Style.landscape && Kiosk.screen.answers === "none"
    readonly property int said: Math.round(Style.body * (roomy ? 1.2 : 1))

    // The words take what they need; the drawing has the rest, and steps aside where that is too little.
    readonly property int apartness: pin && Style.landscape ? Style.mm(2) : Style.gap
    readonly property int sceneFloor: printed ? Style.mm(Style.landscape ? (choosing ? 33 : 43) : 70) : pin ? Style.mm(Style.landscape ? 11 : 22) : Style.mm(Style.landscape ? 24 : 30)
    readonly property int wordsWanted: words.wanted
    readonly property int room: height - 2 * inner
    readonly property bool drawn: pin || framed && room - wordsWanted - card.apartness >= sceneFloor
    readonly property int sceneCeiling: pin ? room : Math.round(columnWidth * 0.688)
    readonly property int sceneHeight: drawn ? Math.min(sceneCeiling, Math.max(sceneFloor, room - wordsWanted - card.apartness)) : 0
    readonly property int slack: Math.max(0, room - sceneHeight - wordsWanted - (drawn ? card.apartness : 0))
    readonly property int lead: drawn ? Math.round(slack * 0.4) : 0 // what is left over is shared out, above and below
    readonly property int wordsRoom: room - (drawn ? sceneHeight + card.apartness : 0)
    readonly property real squeeze: wordsWanted > wordsRoom ? wordsRoom / wordsWanted : 1

    // Upright there is room to begin each Japanese sentence on a line of its own.
    function apart(text: string): string {
        return Style.landscape || Style.textScale > 1.3 ? text : text.replace(/。\u200b/g, "。\n").replace(/。\u2060/g, "。");
    }

    radius: Style.radius
    color: framed ? Style.card : "transparent"
    border.width: !framed ? 0 : Style.contrast ? 2 : 1
    border.color: Style.line

    SceneDrawing {
        x: card.inner
        y: card.inner + card.lead
        width: card.columnWidth
        height: card.sceneHeight
        visible: card.drawn
    }

    Column {
        id: words

        readonly property int align: Style.landscape && !card.framed ? Text.AlignLeft : Text.AlignHCenter

        readonly property int between: Style.mm(Style.landscape ? 2 : 3)
        readonly property int wanted: {
            let sum = 0;
            for (const item of [number, sentence1, sentence2, sentence3, line1, line2, line3, line4, notice, missing, working, countdown, code])
                sum += item.visible ? item.wanted + between : 0;
            return Math.max(0, sum - between);
        }

        x: card.inner
        y: card.drawn ? card.inner + card.lead + card.sceneHeight + card.apartness + Math.round(Math.min(card.slack * 0.15, Style.mm(10))) : Style.landscape ? 0 : Math.round((card.height - Math.min(wanted, card.wordsRoom)) / 2)
        width: card.columnWidth
        spacing: Math.floor(between * card.squeeze)

        NumberCard {
            id: number
            readonly property int wanted: implicitHeight
            visible: (card.view.number ?? "") !== ""
            width: parent.width
            height: Math.floor(wanted * card.squeeze)
        }
        Sentence {
            id: sentence1
            visible: text !== "" && !(card.printed && missing.text !== "") // one thing at a time, at one place
            size: card.said
            width: parent.width
            room: card.squeeze < 1 ? Math.floor(wanted * card.squeeze) : -1
            horizontalAlignment: words.align
            text: card.apart(card.view.sentences?.[0] ?? "")
            color: Style.ink
        }
        Sentence {
            id: sentence2
            // The drawing says it, or it stands beside it, unless a choice stands there; lying there is room for what
            // the desk will do, and the card is asked for on the next screen.
            visible: text !== "" && (card.printed ? Style.landscape && card.choosing && missing.text === "" : !(Style.landscape && (card.pin || card.view.name === "ask-staff")))
            size: card.said
            width: parent.width
            room: card.squeeze < 1 ? Math.floor(wanted * card.squeeze) : -1
            horizontalAlignment: words.align
            text: card.apart(card.view.sentences?.[1] ?? "")
            color: Style.inkSoft
            bold: card.tone === "good"
        }
        Sentence {
            id: sentence3
            size: card.said
            width: parent.width
            room: card.squeeze < 1 ? Math.floor(wanted * card.squeeze) : -1
            horizontalAlignment: words.align
            text: card.apart(card.view.sentences?.[2] ?? "")
            color: Style.inkSoft
        }
        NumberedLine {
            id: line1
            width: parent.width
            height: Math.floor(wanted * card.squeeze)
            number: 1
            text: card.view.listing?.[0] ?? ""
        }
        NumberedLine {
            id: line2
            width: parent.width
            height: Math.floor(wanted * card.squeeze)
            number: 2
            text: card.view.listing?.[1] ?? ""
        }
        NumberedLine {
            id: line3
            width: parent.width
            height: Math.floor(wanted * card.squeeze)
            number: 3
            text: card.view.listing?.[2] ?? ""
        }
        NumberedLine {
            id: line4
            width: parent.width
            height: Math.floor(wanted * card.squeeze)
            number: 4
            text: card.view.listing?.[3] ?? ""
        }
        NoticeBox {
            id: notice
            readonly property int wanted: implicitHeight
            visible: text !== "" && !card.printed // it stands beside the card's drawing
            width: parent.width
            height: Math.floor(wanted * card.squeeze)
            text: card.apart((card.view.warning ?? "") + (card.view.notice ?? ""))
        }
        Words {
            id: missing
            readonly property int wanted: natural
            visible: card.pin && text !== ""
            width: parent.width
            room: card.squeeze < 1 ? Math.floor(wanted * card.squeeze) : -1
            text: Kiosk.live.missing ?? ""
            bold: true
            color: Style.attention
            horizontalAlignment: words.align
            verticalAlignment: Text.AlignVCenter
        }
        Item {
            id: working
            readonly property int wanted: Style.mm(Style.landscape ? 8 : 12)
            visible: card.view.busy ?? false
            width: parent.width
            height: wanted
            Working {
                anchors.verticalCenter: parent.verticalCenter
                x: words.align === Text.AlignLeft ? Style.mm(1) : Math.round((parent.width - width) / 2)
            }
        }
        Words {
            id: countdown
            objectName: "countdown"
            readonly property int wanted: natural
            visible: text !== ""
            width: parent.width
            room: card.squeeze < 1 ? Math.floor(wanted * card.squeeze) : -1
            text: Kiosk.live.countdown ?? ""
            size: Style.heading
            bold: true
            lineHeight: 1.2
            color: Style.attention
            horizontalAlignment: words.align
            verticalAlignment: Text.AlignVCenter
        }
        Words {
            id: code
            readonly property int wanted: natural
            visible: (card.view.code ?? "") !== ""
            width: parent.width
            room: card.squeeze < 1 ? Math.floor(wanted * card.squeeze) : -1
            text: visible ? card.view.codeLabel + "  " + card.view.code : ""
            size: Style.small
            floor: Math.round(Style.small * 0.9)
            lineHeight: 1.1
            color: Style.inkSoft
            horizontalAlignment: words.align
            verticalAlignment: Text.AlignVCenter
        }
    }
}
