// SPDX-License-Identifier: Apache-2.0
// The number by which the patient is called.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"

Rectangle {
    id: number

    implicitHeight: Style.mm((Style.landscape ? 19 : 34) * Math.min(Style.textScale, Style.landscape ? 1.1 : 1.25))
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
            size: Math.min(Style.body, Math.round(number.height * 0.4))
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
            bold: true
            color: Kiosk.screen.tone === "good" ? Style.good : Style.ink
        }
    }
}
