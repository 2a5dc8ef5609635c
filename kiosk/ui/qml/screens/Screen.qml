// SPDX-License-Identifier: Apache-2.0
// Where everything of one screen stands, upright and lying.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"
import "../scenes"
import "../components"

Item {
    id: screen

    readonly property var view: Kiosk.screen
    readonly property bool landscape: Style.landscape
    readonly property int step: view.step ?? 0
    readonly property bool withFoot: (view.foot ?? []).length > 0
    readonly property bool face: view.scene === "face"

    readonly property int leftWidth: landscape ? Math.round(width * 0.585) : width
    readonly property int stepsHeight: step > 0 ? (landscape ? Style.mm(11) : Math.round(height * 0.066)) : 0
    readonly property int footHeight: withFoot ? (landscape ? Style.mm(21) : Math.round(height * 0.107)) : Style.margin
    // two lines, or three where the patient asked for large text
    readonly property int headingRoom: Math.round(Style.heading * Style.headingLeading * (Style.textScale > 1.3 || landscape ? 3.1 : 2.1)) + Style.mm(landscape ? 2 : 8)
    readonly property int headingHeight: landscape ? Math.min(headingRoom, heading.natural + Style.mm(2)) : Math.max(Math.round(height * 0.125), Math.min(headingRoom, heading.natural + Style.mm(8)))
    readonly property int answersTop: landscape ? Style.mm(2) : height - footHeight - answers.height - Style.gap

    readonly property int cardBottom: landscape ? height - footHeight : answers.height > 0 ? answersTop - Style.gap : height - footHeight - Style.gap

    Steps {
        id: steps
        x: screen.landscape ? Style.margin : Style.mm(4)
        width: screen.landscape ? screen.leftWidth - Style.margin - Style.gap : screen.width - Style.mm(8)
        height: screen.stepsHeight
        now: screen.step
    }

    Heading {
        id: heading
        objectName: "heading"
        x: Style.margin
        y: screen.stepsHeight
        width: screen.leftWidth - x - (screen.landscape ? Style.gap : Style.margin)
        height: screen.headingHeight
        strict: screen.view.heading ?? ""
        loose: screen.view.headingLoose ?? ""
        longest: screen.view.headingLongest ?? ""
        spoken: screen.view.spoken ?? ""
        horizontalAlignment: screen.landscape ? Text.AlignLeft : Text.AlignHCenter
        verticalAlignment: Text.AlignVCenter
    }

    SceneCard {
        id: card
        visible: !screen.face
        x: Style.margin
        y: screen.stepsHeight + screen.headingHeight + (screen.landscape ? Style.mm(2) : 0)
        width: heading.width
        height: screen.cardBottom - y
    }

    Loader {
        active: screen.face
        x: Style.margin
        y: card.y
        width: card.width
        height: card.height
        sourceComponent: FaceScene {}
    }

    Answers {
        id: answers
        x: screen.landscape ? screen.leftWidth + Style.gap : Style.margin
        y: screen.landscape ? Math.max(Style.mm(2), Math.round((screen.height - Style.margin - height) / 2)) : screen.answersTop
        width: screen.landscape ? screen.width - x - Style.margin : screen.width - 2 * Style.margin
        height: screen.landscape ? Math.min(wanted, screen.height - Style.mm(2) - Style.margin) : Math.min(wanted, Math.round(screen.height * (answers.pictured ? 0.6 : 0.41)))
    }

    FootBar {
        y: screen.height - screen.footHeight
        width: screen.landscape ? screen.leftWidth + Style.margin - Style.gap : screen.width
        height: screen.footHeight
        entries: screen.view.foot ?? []
    }
}
