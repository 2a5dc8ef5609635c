// SPDX-License-Identifier: Apache-2.0
// Where everything of one screen stands. Upright: question, drawing and words, answers, one below the other.
// Lying: question and words on the left; on the right the answers, or the drawing where there are none.
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
    readonly property bool drawingAside: landscape && !face && view.answers === "none" && (view.scene ?? "") !== ""

    // the first screen is read from afar
    readonly property real grown: view.name === "idle" && Style.textScale < 1.3 ? 1.16 : 1
    readonly property int leftWidth: landscape ? Math.round(width * 0.56) : width
    readonly property int stepsHeight: step > 0 ? (landscape ? Style.mm(11) : Math.round(height * 0.066)) : 0
    readonly property int footHeight: withFoot ? (landscape ? Style.mm(19) : Math.round(height * 0.107)) : Style.margin
    // two lines, or three where the patient asked for large text
    readonly property int headingLines: Math.round(Style.heading * grown * Style.headingLeading * (Style.textScale > 1.3 || landscape ? 3.1 : 2.1)) + Style.mm(landscape ? 2 : 8)
    readonly property int headingRoom: landscape ? Math.min(headingLines, Math.round((footTop - stepsHeight) * (view.answers === "pad" || face ? 0.33 : Style.textScale > 1.3 ? 0.36 : 0.42))) : headingLines
    readonly property int headingHeight: landscape ? Math.min(headingRoom, heading.natural + Style.mm(3)) : Math.max(Math.round(height * 0.125), Math.min(headingRoom, heading.natural + Style.mm(8)))
    readonly property int footTop: height - footHeight
    readonly property int cardBottom: landscape ? (face ? answers.y - Style.gap : footTop - Style.mm(2)) : answers.height > 0 ? answers.y - Style.gap : footTop - Style.gap

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
        room: height
        grown: screen.grown
        strict: screen.view.heading ?? ""
        loose: screen.view.headingLoose ?? ""
        strictLongest: screen.view.headingLongest ?? ""
        spoken: screen.view.spoken ?? ""
        horizontalAlignment: screen.landscape ? Text.AlignLeft : Text.AlignHCenter
        verticalAlignment: Text.AlignVCenter
    }

    SceneCard {
        id: card
        visible: !screen.face
        x: Style.margin
        y: screen.stepsHeight + screen.headingHeight + (screen.landscape ? Style.mm(3) : 0)
        width: heading.width
        height: screen.cardBottom - y
    }

    Rectangle {
        id: aside
        visible: screen.drawingAside
        x: screen.leftWidth + Style.gap
        y: Style.mm(2)
        width: screen.width - x - Style.margin
        height: screen.footTop - y - Style.gap
        radius: Style.radius
        color: Style.card
        border.width: Style.contrast ? 2 : 1
        border.color: Style.line

        SceneDrawing {
            visible: screen.drawingAside
            anchors.fill: parent
            anchors.margins: Style.mm(4)
        }
    }

    Loader {
        active: screen.face
        x: screen.landscape ? aside.x : card.x
        y: screen.landscape ? aside.y : card.y
        width: screen.landscape ? aside.width : card.width
        height: screen.landscape ? aside.height : card.height - hint.height - Style.gap
        sourceComponent: FaceScene {}
    }
    HintPill {
        id: hint
        visible: screen.face
        x: Style.margin
        y: screen.landscape ? card.y : screen.cardBottom - height
        width: card.width
        height: implicitHeight
        ceiling: screen.landscape ? screen.cardBottom - y : Math.round(screen.height * 0.16)
    }

    Answers {
        id: answers
        readonly property bool leftSide: !screen.landscape || screen.face
        readonly property int room: screen.landscape ? screen.footTop - Style.mm(3) : Math.round(screen.height * (pictured ? 0.6 : 0.41))
        x: leftSide ? Style.margin : screen.leftWidth + Style.gap
        y: leftSide ? screen.footTop - height - Style.gap : Math.max(Style.mm(1), Math.round((screen.footTop - height) / 2))
        width: screen.landscape && leftSide ? heading.width : screen.width - x - Style.margin
        height: Math.min(wanted, room)
    }

    FootBar {
        y: screen.footTop
        width: screen.width
        height: screen.footHeight
        entries: screen.view.foot ?? []
    }
}
