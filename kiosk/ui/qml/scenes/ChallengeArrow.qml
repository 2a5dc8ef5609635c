// SPDX-License-Identifier: Apache-2.0
// An arrow to the left.
import QtQuick
import QtQuick.Shapes
import "../style"

Shape {
    id: arrow

    ShapePath {
        fillColor: Style.action
        strokeColor: Style.panel
        strokeWidth: Style.mm(0.8)
        joinStyle: ShapePath.RoundJoin
        startX: 0
        startY: arrow.height * 0.5
        PathLine {
            x: arrow.width * 0.55
            y: arrow.height * 0.05
        }
        PathLine {
            x: arrow.width * 0.55
            y: arrow.height * 0.32
        }
        PathLine {
            x: arrow.width
            y: arrow.height * 0.32
        }
        PathLine {
            x: arrow.width
            y: arrow.height * 0.68
        }
        PathLine {
            x: arrow.width * 0.55
            y: arrow.height * 0.68
        }
        PathLine {
            x: arrow.width * 0.55
            y: arrow.height * 0.95
        }
        PathLine {
            x: 0
            y: arrow.height * 0.5
        }
    }
}
