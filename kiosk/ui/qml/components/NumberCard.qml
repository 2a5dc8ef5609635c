// SPDX-License-Identifier: Apache-2.0
// The number by which the patient is called.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"

Rectangle {
    id: number

    implicitHeight: Style.mm((Style.landscape ? 22 : 34) * Math.min(Style.textScale, 1.25))
    radius: Style.radius
    color: Kiosk.screen.tone === "good" ? Style.goodTint : Style.panel
    border.width: Style.contrast ? 2 : 0
    border.color: Style.line

    Row {
        anchors.centerIn: parent
        spacing: Style.mm(6)
        Words {
            anchors.baseline: digits.baseline
            text: Kiosk.screen.numberLabel ?? ""
            size: Style.body
            lineHeight: 1.0
            wrapMode: Text.NoWrap
            color: Style.inkSoft
        }
        Words {
            id: digits
            objectName: "receptionNumber"
            text: Kiosk.screen.number ?? ""
            size: Math.round(number.height * 0.6)
            lineHeight: 1.0
            wrapMode: Text.NoWrap
            font.bold: true
            color: Kiosk.screen.tone === "good" ? Style.good : Style.ink
        }
    }
}
