// SPDX-License-Identifier: Apache-2.0
// The card's face, with a frame round the number that is asked for; what is to be known about it stands beside it,
// and the places for it below.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"
import "../components"

Item {
    id: scene

    readonly property var choice: Kiosk.screen.beside?.[0] ?? null
    readonly property string how: Kiosk.screen.sentences?.[1] ?? ""
    readonly property real leading: Style.language === "ja" ? (Style.landscape ? 1.15 : 1.25) : Style.landscape ? 0.95 : 1.1
    readonly property int between: Style.mm(Style.landscape ? 2.5 : 5)
    readonly property int cardRoom: Math.round(height - places.height - between)
    readonly property bool drawn: cardRoom >= Style.mm(Style.landscape ? 14 : 24)
    readonly property int used: places.height + (drawn ? card.height + between : 0)

    Picture {
        id: card
        visible: scene.drawn
        y: Math.round((scene.height - scene.used) / 2)
        height: Math.min(scene.cardRoom, Math.round(scene.width * 0.32))
        width: Math.round(height * 704 / 448)
        address: Style.drawing(Kiosk.screen.scene ?? "")
    }
    Column {
        id: beside
        readonly property int room: card.height
        visible: scene.drawn
        x: card.width + Style.mm(Style.landscape ? 4 : 7)
        width: scene.width - x
        anchors.verticalCenter: card.verticalCenter
        spacing: Style.mm(Style.landscape ? 1 : 3)

        Words {
            id: said
            visible: text !== "" && !(Style.landscape && scene.choice) // lying it stands below, with the other sentence
            width: beside.width
            room: beside.room - (scene.choice ? choice.height + beside.spacing : 0)
            text: scene.how
            size: Style.landscape ? Style.bodyFloor : Style.body
            lineHeight: scene.leading
        }
        BigButton {
            id: choice
            visible: scene.choice !== null
            width: beside.width
            height: Style.mm(Style.landscape ? 17 : 26)
            action: scene.choice?.action ?? ""
            label: scene.choice?.label ?? ""
            detail: scene.choice?.detail ?? ""
            spoken: scene.choice?.spoken ?? ""
            kind: scene.choice?.kind ?? "choice"
        }
    }
    DigitPlaces {
        id: places
        x: Style.landscape ? 0 : Math.round((scene.width - width) / 2)
        y: scene.drawn ? card.y + card.height + scene.between : Math.round((scene.height - height) / 2)
        size: Math.min(Style.mm(Style.landscape ? 10 : 17), Math.round(scene.height * 0.7), Math.floor(scene.width / share))
    }
}
