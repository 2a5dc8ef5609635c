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
    readonly property int inner: Style.mm(Style.landscape ? 5 : 9)
    readonly property int columnWidth: width - 2 * inner
    readonly property bool pin: view.answers === "pad"
    readonly property bool roomy: !Style.landscape && Kiosk.screen.answers === "none"
    readonly property int said: Math.round(Style.body * (roomy ? 1.2 : 1))
    readonly property bool moving: scene === "place-card" || scene === "take-card"

    // The words take what they need; the drawing has the rest, and steps aside where that is too little.
    readonly property int sceneFloor: pin ? Style.mm(Style.landscape ? 15 : 22) : Style.mm(Style.landscape ? 24 : 30)
    readonly property int wordsWanted: words.wanted
    readonly property int room: height - 2 * inner
    readonly property bool drawn: pin || scene !== "" && (room - wordsWanted - Style.gap >= sceneFloor)
    readonly property int sceneCeiling: pin ? room : Math.round(columnWidth * 0.688)
    readonly property int sceneHeight: drawn ? Math.min(sceneCeiling, Math.max(sceneFloor, room - wordsWanted - Style.gap)) : 0
    readonly property int slack: Math.max(0, room - sceneHeight - wordsWanted - (drawn ? Style.gap : 0))
    readonly property int lead: drawn ? Math.round(slack * 0.4) : 0 // what is left over is shared out, above and below
    readonly property int wordsRoom: room - (drawn ? sceneHeight + Style.gap : 0)
    readonly property real squeeze: wordsWanted > wordsRoom ? wordsRoom / wordsWanted : 1

    // Upright there is room to begin each Japanese sentence on a line of its own.
    function apart(text: string): string {
        return Style.landscape || Style.textScale > 1.3 ? text : text.replace(/。\u200b/g, "。\n").replace(/。\u2060/g, "。");
    }

    radius: Style.radius
    color: scene === "" ? "transparent" : Style.card
    border.width: scene === "" ? 0 : Style.contrast ? 2 : 1
    border.color: Style.line

    Loader {
        id: picture
        x: card.inner
        y: card.inner + card.lead
        width: card.columnWidth
        height: card.sceneHeight
        visible: card.drawn
        sourceComponent: !card.drawn || card.scene === "face" ? null : card.pin ? pinScene : card.moving ? movingScene : stillScene
    }
    Component {
        id: pinScene
        PinScene {}
    }
    Component {
        id: movingScene
        CardScene {
            lifting: card.scene === "take-card"
        }
    }
    Component {
        id: stillScene
        Picture {
            address: ["", "pin", "face"].includes(card.scene) ? "" : Style.drawing(card.scene)
        }
    }

    Column {
        id: words

        readonly property int between: Style.mm(Style.landscape ? 2 : 3)
        readonly property int wanted: {
            let sum = 0;
            for (const item of [number, sentence1, sentence2, sentence3, line1, line2, line3, line4, notice, missing, working, countdown, code])
                sum += item.visible ? item.wanted + between : 0;
            return Math.max(0, sum - between);
        }

        x: card.inner
        y: card.drawn ? card.inner + card.lead + card.sceneHeight + Style.gap + Math.round(Math.min(card.slack * 0.15, Style.mm(10))) : Math.round((card.height - Math.min(wanted, card.wordsRoom)) / 2)
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
            size: card.said
            width: parent.width
            height: Math.floor(wanted * card.squeeze)
            text: card.apart(card.view.sentences?.[0] ?? "")
            color: Style.ink
        }
        Sentence {
            id: sentence2
            size: card.said
            width: parent.width
            height: Math.floor(wanted * card.squeeze)
            text: card.apart(card.view.sentences?.[1] ?? "")
            color: Style.inkSoft
            font.bold: card.tone === "good"
        }
        Sentence {
            id: sentence3
            size: card.said
            width: parent.width
            height: Math.floor(wanted * card.squeeze)
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
            visible: text !== ""
            width: parent.width
            height: Math.floor(wanted * card.squeeze)
            text: card.apart((card.view.warning ?? "") + (card.view.notice ?? ""))
        }
        Words {
            id: missing
            readonly property int wanted: natural
            visible: card.pin && text !== ""
            width: parent.width
            height: Math.floor(wanted * card.squeeze)
            text: Kiosk.live.missing ?? ""
            font.bold: true
            color: Style.attention
            horizontalAlignment: Text.AlignHCenter
            verticalAlignment: Text.AlignVCenter
        }
        Item {
            id: working
            readonly property int wanted: Style.mm(Style.landscape ? 8 : 12)
            visible: card.view.busy ?? false
            width: parent.width
            height: wanted
            Working {
                anchors.centerIn: parent
            }
        }
        Words {
            id: countdown
            objectName: "countdown"
            readonly property int wanted: natural
            visible: text !== ""
            width: parent.width
            height: Math.floor(wanted * card.squeeze)
            text: Kiosk.live.countdown ?? ""
            size: Style.heading
            font.bold: true
            lineHeight: 1.2
            color: Style.attention
            horizontalAlignment: Text.AlignHCenter
            verticalAlignment: Text.AlignVCenter
        }
        Words {
            id: code
            readonly property int wanted: natural
            visible: (card.view.code ?? "") !== ""
            width: parent.width
            height: Math.floor(wanted * card.squeeze)
            text: visible ? card.view.codeLabel + "  " + card.view.code : ""
            size: Style.small
            floor: Math.round(Style.small * 0.9)
            lineHeight: 1.1
            color: Style.inkSoft
            horizontalAlignment: Text.AlignHCenter
            verticalAlignment: Text.AlignVCenter
        }
    }
}
