// SPDX-License-Identifier: Apache-2.0
// The question of a screen. Breaks where its author put a break, as long as each part fits a line.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"

Words {
    id: heading

    property string strict: ""
    property string loose: ""
    property string longest: ""
    property string spoken: ""

    size: Style.heading
    floor: Style.headingFloor
    font.bold: true
    lineHeight: Style.headingLeading
    text: metrics.advanceWidth <= width ? strict : loose
    Accessible.role: Accessible.Heading
    Accessible.name: spoken

    TextMetrics {
        id: metrics
        font.family: Style.family
        font.bold: true
        font.pixelSize: heading.size
        text: heading.longest
    }
}
