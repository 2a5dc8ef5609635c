// SPDX-License-Identifier: Apache-2.0
// A mirror in an oval, and a ring that fills with good pictures.
pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Shapes
import "../style"
import "../components"

Item {
    id: scene

    readonly property int ring: Style.mm(3)
    readonly property int ovalHeight: Math.min(Math.round(height - 2 * ring), Math.round((width - 4 * ring) / 0.8))
    readonly property int ovalWidth: Math.round(ovalHeight * 0.8)
    readonly property real share: (Kiosk.live.framesWanted ?? 0) > 0 ? Math.min(1, Kiosk.live.goodFrames / Kiosk.live.framesWanted) : 0

    Item {
        id: frame
        anchors.horizontalCenter: parent.horizontalCenter
        y: Math.round((scene.height - height) / 2)
        width: scene.ovalWidth + 2 * scene.ring
        height: scene.ovalHeight + 2 * scene.ring

        // Everything here is painted again with each picture of the camera, so nothing is drawn that it covers.
        Shape {
            anchors.fill: parent
            visible: preview.source.toString() === ""

            ShapePath {
                fillColor: Style.panel
                strokeColor: "transparent"
                startX: frame.width / 2
                startY: scene.ring
                PathAngleArc {
                    centerX: frame.width / 2
                    centerY: frame.height / 2
                    radiusX: frame.width / 2 - scene.ring
                    radiusY: frame.height / 2 - scene.ring
                    startAngle: -90
                    sweepAngle: 360
                }
            }
        }
        Shape {
            anchors.fill: parent
            visible: scene.share < 1

            ShapePath {
                fillColor: "transparent"
                strokeColor: Style.line
                strokeWidth: scene.ring
                capStyle: ShapePath.FlatCap
                PathAngleArc {
                    centerX: frame.width / 2
                    centerY: frame.height / 2
                    radiusX: (frame.width - scene.ring) / 2
                    radiusY: (frame.height - scene.ring) / 2
                    startAngle: -90 + 360 * scene.share
                    sweepAngle: 360 * (1 - scene.share)
                }
            }
        }
        Picture {
            anchors.centerIn: parent
            visible: preview.source.toString() === ""
            width: parent.width * 0.62
            height: parent.height * 0.62
            address: Style.drawing("silhouette")
        }
        Image {
            id: preview
            objectName: "preview"
            anchors.centerIn: parent
            width: scene.ovalWidth
            height: scene.ovalHeight
            sourceSize.width: width
            sourceSize.height: height
            cache: false
            source: Kiosk.bridge ? Kiosk.bridge.preview : ""
            Accessible.role: Accessible.Graphic
            Accessible.name: Kiosk.screen.previewName ?? ""
        }
        Shape {
            anchors.fill: parent
            visible: scene.share > 0

            ShapePath {
                fillColor: "transparent"
                strokeColor: Style.good
                strokeWidth: scene.ring * 1.5
                capStyle: ShapePath.RoundCap
                PathAngleArc {
                    centerX: frame.width / 2
                    centerY: frame.height / 2
                    radiusX: (frame.width - scene.ring) / 2
                    radiusY: (frame.height - scene.ring) / 2
                    startAngle: -90
                    sweepAngle: 360 * scene.share
                }
            }
        }
    }

    // What is asked for, drawn beside the mirror: as in any mirror, the person's left is on the left.
    ChallengeSign {
        anchors.fill: parent
        challenge: Kiosk.live.challenge ?? ""
        room: Math.round((scene.width - frame.width) / 2)
        ovalWidth: frame.width
        ovalHeight: frame.height
    }
}
