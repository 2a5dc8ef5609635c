// SPDX-License-Identifier: Apache-2.0
// The demo's second window: cards to lay down, who stands at the camera, what upstream does.
pragma ComponentBehavior: Bound

import QtQuick

Rectangle {
    id: tray

    required property var bridge

    readonly property real unit: Math.min(width / 720, height / 1136)
    readonly property color ink: "#1A1A1A"
    readonly property color soft: "#4A4F5C"
    readonly property color line: "#D5D9E6"
    readonly property color action: "#0017C1"
    readonly property color tint: "#EEF1FB"
    readonly property string family: "BIZ UDPGothic"

    function px(size: real): int {
        return Math.round(size * unit);
    }

    color: "#E9EBF2"

    component Label: Text {
        font.family: tray.family
        font.pixelSize: tray.px(15)
        color: tray.ink
        elide: Text.ElideRight
        textFormat: Text.PlainText
        Accessible.role: Accessible.StaticText
        Accessible.name: text
    }

    component Control: FocusScope {
        id: control
        property string spoken: ""
        property bool chosen: false
        readonly property bool down: touch.pressed
        signal used

        activeFocusOnTab: true
        Accessible.role: Accessible.Button
        Accessible.name: spoken
        Accessible.focusable: true
        Accessible.checked: chosen
        Accessible.onPressAction: control.used()
        Keys.onReturnPressed: control.used()
        Keys.onSpacePressed: control.used()

        Rectangle {
            anchors.fill: parent
            anchors.margins: -4
            z: 5
            radius: tray.px(14)
            color: "transparent"
            border.width: 3
            border.color: "#000000"
            visible: control.activeFocus
        }
        MouseArea {
            id: touch
            anchors.fill: parent
            z: 6
            cursorShape: Qt.PointingHandCursor
            onClicked: control.used()
        }
    }

    component Chips: Row {
        id: chips
        property string group: ""
        property var entries: []
        signal chose(string key)
        spacing: tray.px(6)

        Repeater {
            model: chips.entries
            Control {
                id: chip
                required property var modelData
                objectName: "tray:" + chips.group + "." + modelData.key
                spoken: modelData.name
                chosen: modelData.chosen
                width: name.implicitWidth + tray.px(12)
                height: tray.px(40)
                onUsed: chips.chose(modelData.key)

                Rectangle {
                    anchors.fill: parent
                    radius: height / 2
                    color: chip.chosen ? tray.action : chip.down ? "#DBE3FB" : "#FFFFFF"
                    border.width: 2
                    border.color: chip.chosen ? tray.action : tray.line
                }
                Label {
                    id: name
                    anchors.centerIn: parent
                    text: chip.modelData.name
                    font.pixelSize: tray.px(13)
                    font.bold: chip.chosen
                    color: chip.chosen ? "#FFFFFF" : tray.ink
                    Accessible.ignored: true
                }
            }
        }
    }

    component Panel: Rectangle {
        radius: tray.px(18)
        color: "#FFFFFF"
        border.width: 1
        border.color: tray.line
    }

    // One card as one sees it lying on a counter: face, name, and under the line what the demo's host must know.
    component PatientCard: Rectangle {
        id: card
        property var person: ({})
        property bool large: false
        readonly property bool other: (person.face ?? "") === ""

        radius: tray.px(large ? 16 : 12)
        border.width: 1
        border.color: other ? "#B7A98B" : "#C6B3C2"
        gradient: Gradient {
            orientation: Gradient.Horizontal
            GradientStop {
                position: 0.0
                color: card.other ? "#F3ECDD" : "#F7EDF4"
            }
            GradientStop {
                position: 1.0
                color: card.other ? "#E7DCC4" : "#E6EDF8"
            }
        }

        Rectangle {
            id: photo
            x: tray.px(card.large ? 12 : 8)
            y: x
            width: Math.round(height * (card.large ? 0.78 : 0.62))
            height: card.height - 2 * y
            radius: tray.px(7)
            color: card.other ? "#DDD0B3" : "#FFFFFF"
            clip: true

            Image {
                width: parent.width * 1.36
                height: width * 740 / 600
                anchors.horizontalCenter: parent.horizontalCenter
                y: -parent.height * 0.06
                source: card.person.face ?? ""
                sourceSize.width: 2 * Math.round(width)
                smooth: true
                mipmap: true
                Accessible.ignored: true
            }
            Label {
                anchors.centerIn: parent
                visible: card.other
                text: "?"
                font.bold: true
                font.pixelSize: Math.round(parent.height * 0.5)
                color: "#FFFFFF"
                Accessible.ignored: true
            }
        }
        Column {
            anchors.left: photo.right
            anchors.leftMargin: tray.px(card.large ? 14 : 9)
            anchors.right: parent.right
            anchors.rightMargin: tray.px(6)
            anchors.verticalCenter: parent.verticalCenter
            spacing: tray.px(card.large ? 6 : 3)

            Label {
                width: parent.width
                text: card.person.name ?? ""
                font.bold: true
                font.pixelSize: tray.px(card.large ? 24 : 16)
                fontSizeMode: Text.HorizontalFit
                minimumPixelSize: tray.px(11)
                elide: Text.ElideNone
                Accessible.ignored: true
            }
            Label {
                visible: !card.other
                text: card.person.age ?? ""
                font.pixelSize: tray.px(card.large ? 17 : 13)
                color: tray.soft
                Accessible.ignored: true
            }
            Rectangle {
                visible: (card.person.pin ?? "") !== ""
                width: pin.width + tray.px(14)
                height: pin.implicitHeight + tray.px(5)
                radius: height / 2
                color: "#FFFFFF"
                border.width: 1
                border.color: "#C9CEDD"
                Label {
                    id: pin
                    anchors.centerIn: parent
                    width: Math.min(implicitWidth, card.width - photo.width - tray.px(card.large ? 60 : 34))
                    fontSizeMode: Text.HorizontalFit
                    minimumPixelSize: tray.px(9)
                    text: tray.bridge.texts["pin"] + " " + (card.person.pin ?? "")
                    font.pixelSize: tray.px(card.large ? 18 : 12)
                    font.bold: true
                    Accessible.ignored: true
                }
            }
            Label {
                visible: text !== ""
                width: parent.width
                text: card.person.note ?? ""
                font.pixelSize: tray.px(card.large ? 16 : 12)
                fontSizeMode: Text.HorizontalFit
                minimumPixelSize: tray.px(9)
                elide: Text.ElideNone
                color: "#6E5600"
                font.bold: true
                Accessible.ignored: true
            }
        }
        Rectangle {
            anchors.right: parent.right
            anchors.bottom: parent.bottom
            anchors.margins: tray.px(10)
            visible: card.large && !card.other
            width: tray.px(46)
            height: tray.px(36)
            radius: tray.px(6)
            color: "#D9BE77"
            border.width: 1
            border.color: "#A88C43"
            Rectangle {
                anchors.centerIn: parent
                width: parent.width * 0.42
                height: parent.height * 0.5
                radius: 3
                color: "transparent"
                border.width: 1
                border.color: "#A88C43"
            }
        }
    }

    // --- heading ---
    Item {
        id: heading
        x: tray.px(24)
        y: tray.px(18)
        width: tray.width - 2 * x
        height: tray.px(50)

        Column {
            spacing: tray.px(6)
            Label {
                text: tray.bridge.texts["title"]
                font.bold: true
                font.pixelSize: tray.px(24)
                Accessible.role: Accessible.Heading
            }
            Label {
                text: tray.bridge.texts["subtitle"]
                font.pixelSize: tray.px(13)
                color: tray.soft
            }
        }
        Control {
            id: language
            objectName: "tray:language"
            anchors.right: parent.right
            width: languageName.implicitWidth + tray.px(30)
            height: tray.px(38)
            spoken: tray.bridge.texts["language"]
            onUsed: tray.bridge.switchLanguage()
            Rectangle {
                anchors.fill: parent
                radius: height / 2
                color: language.down ? "#DBE3FB" : "#FFFFFF"
                border.width: 2
                border.color: tray.line
            }
            Label {
                id: languageName
                anchors.centerIn: parent
                text: tray.bridge.texts["language"]
                Accessible.ignored: true
            }
        }
    }

    // --- the reader ---
    Rectangle {
        id: reader
        x: tray.px(24)
        y: heading.y + heading.height + tray.px(16)
        width: tray.width - 2 * x
        height: tray.px(246)
        radius: tray.px(24)
        gradient: Gradient {
            GradientStop {
                position: 0.0
                color: "#2B3350"
            }
            GradientStop {
                position: 1.0
                color: "#1B2138"
            }
        }

        Label {
            x: tray.px(24)
            y: tray.px(16)
            text: tray.bridge.texts["reader.title"]
            color: "#FFFFFF"
            font.bold: true
            font.pixelSize: tray.px(16)
        }
        Rectangle {
            anchors.right: parent.right
            anchors.rightMargin: tray.px(26)
            y: tray.px(20)
            width: tray.px(12)
            height: width
            radius: width / 2
            color: tray.bridge.lyingCard.key ? "#7BE0AE" : "#5A6485"
        }
        Rectangle {
            id: bed
            x: tray.px(24)
            y: tray.px(48)
            width: tray.px(370)
            height: tray.px(180)
            radius: tray.px(20)
            color: "#12172A"
            border.width: 2
            border.color: "#46507A"

            Label {
                anchors.centerIn: parent
                width: parent.width - tray.px(40)
                visible: !tray.bridge.lyingCard.key
                text: tray.bridge.texts["reader.empty"]
                color: "#C8D0EC"
                wrapMode: Text.Wrap
                horizontalAlignment: Text.AlignHCenter
                font.pixelSize: tray.px(16)
            }
            PatientCard {
                anchors.fill: parent
                anchors.margins: tray.px(10)
                visible: tray.bridge.lyingCard.key !== undefined
                large: true
                person: tray.bridge.lyingCard
            }
        }
        Column {
            anchors.left: bed.right
            anchors.leftMargin: tray.px(22)
            anchors.right: parent.right
            anchors.rightMargin: tray.px(22)
            y: bed.y
            spacing: tray.px(14)
            visible: tray.bridge.lyingCard.key !== undefined

            Control {
                id: takeAway
                objectName: "tray:take"
                width: parent.width
                height: tray.px(64)
                spoken: tray.bridge.texts["reader.take"]
                onUsed: tray.bridge.take()
                Rectangle {
                    anchors.fill: parent
                    radius: tray.px(16)
                    color: takeAway.down ? "#C9D4F5" : "#FFFFFF"
                }
                Label {
                    anchors.centerIn: parent
                    text: "▲  " + tray.bridge.texts["reader.take"]
                    color: tray.action
                    font.bold: true
                    font.pixelSize: tray.px(18)
                    Accessible.ignored: true
                }
            }
            Label {
                visible: tray.bridge.tries >= 0
                text: tray.bridge.texts["reader.tries"]
                color: "#C8D0EC"
                font.pixelSize: tray.px(14)
            }
            Row {
                visible: tray.bridge.tries >= 0
                spacing: tray.px(8)
                Repeater {
                    model: [3, 2, 1, 0]
                    Control {
                        id: tries
                        required property int modelData
                        objectName: "tray:tries." + modelData
                        spoken: tray.bridge.texts["reader.tries"] + " " + modelData
                        chosen: tray.bridge.tries === modelData
                        width: tray.px(50)
                        height: tray.px(46)
                        onUsed: tray.bridge.setTries(modelData)
                        Rectangle {
                            anchors.fill: parent
                            radius: tray.px(12)
                            color: tries.chosen ? "#FFFFFF" : "transparent"
                            border.width: 2
                            border.color: tries.chosen ? "#FFFFFF" : "#7C88B5"
                        }
                        Label {
                            anchors.centerIn: parent
                            text: tries.modelData
                            font.bold: true
                            font.pixelSize: tray.px(19)
                            color: tries.chosen ? tray.action : "#FFFFFF"
                            Accessible.ignored: true
                        }
                    }
                }
            }
        }
    }

    // --- the cards ---
    Row {
        id: cardsHeading
        x: tray.px(24)
        y: reader.y + reader.height + tray.px(18)
        spacing: tray.px(14)
        Label {
            id: cardsTitle
            text: tray.bridge.texts["cards.title"]
            font.bold: true
            font.pixelSize: tray.px(17)
        }
        Label {
            anchors.baseline: cardsTitle.baseline
            text: tray.bridge.texts["cards.hint"]
            font.pixelSize: tray.px(13)
            color: tray.soft
        }
    }
    Grid {
        id: grid
        x: tray.px(24)
        y: cardsHeading.y + cardsHeading.height + tray.px(10)
        width: tray.width - 2 * x
        columns: 4
        spacing: tray.px(10)

        Repeater {
            model: tray.bridge.cards
            Control {
                id: entry
                required property var modelData
                objectName: "tray:card." + modelData.key
                spoken: modelData.spoken
                chosen: modelData.lying
                width: Math.floor((grid.width - 3 * grid.spacing) / 4)
                height: tray.px(92)
                onUsed: tray.bridge.lay(modelData.key)

                Rectangle {
                    anchors.fill: parent
                    anchors.topMargin: 3
                    anchors.bottomMargin: -3
                    radius: tray.px(12)
                    color: "#D3D7E4"
                    visible: !entry.chosen && !entry.down
                }
                PatientCard {
                    anchors.fill: parent
                    person: entry.modelData
                    opacity: entry.chosen ? 0.32 : 1.0
                }
                Rectangle {
                    anchors.fill: parent
                    radius: tray.px(12)
                    color: "transparent"
                    border.width: entry.chosen ? 3 : 0
                    border.color: tray.action
                }
            }
        }
    }

    // --- the camera and upstream ---
    Panel {
        id: cameraPanel
        x: tray.px(24)
        y: grid.y + 5 * tray.px(92) + 4 * grid.spacing + tray.px(16)
        width: tray.width - 2 * x
        height: tray.px(118)

        Label {
            x: tray.px(18)
            y: tray.px(12)
            text: tray.bridge.texts["camera.title"]
            font.bold: true
            font.pixelSize: tray.px(16)
        }
        Row {
            x: tray.px(18)
            y: tray.px(42)
            spacing: tray.px(3)
            Repeater {
                model: tray.bridge.people
                Control {
                    id: somebody
                    required property var modelData
                    readonly property bool drawn: modelData.face !== ""
                    objectName: "tray:camera." + modelData.key
                    spoken: modelData.name
                    chosen: modelData.chosen
                    width: drawn ? tray.px(26) : tray.px(68)
                    height: tray.px(60)
                    onUsed: tray.bridge.stand(modelData.key)

                    Rectangle {
                        anchors.fill: parent
                        radius: tray.px(12)
                        clip: true
                        color: somebody.chosen && !somebody.drawn ? tray.action : somebody.down ? "#DBE3FB" : tray.tint
                        Image {
                            visible: somebody.drawn
                            anchors.horizontalCenter: parent.horizontalCenter
                            y: -tray.px(4)
                            width: parent.width * 1.5
                            height: width * 740 / 600
                            source: somebody.modelData.face
                            sourceSize.width: 2 * Math.round(width)
                            smooth: true
                            mipmap: true
                            Accessible.ignored: true
                        }
                        Label {
                            anchors.centerIn: parent
                            width: parent.width - tray.px(8)
                            visible: !somebody.drawn
                            text: somebody.modelData.name
                            wrapMode: Text.Wrap
                            horizontalAlignment: Text.AlignHCenter
                            font.pixelSize: tray.px(12.5)
                            font.bold: somebody.chosen
                            color: somebody.chosen ? "#FFFFFF" : tray.ink
                            Accessible.ignored: true
                        }
                    }
                    Rectangle {
                        anchors.fill: parent
                        radius: tray.px(12)
                        color: "transparent"
                        border.width: somebody.chosen || tray.bridge.standing === somebody.modelData.key ? 3 : 1
                        border.color: somebody.chosen ? tray.action : tray.bridge.standing === somebody.modelData.key ? "#197A4B" : tray.line
                    }
                }
            }
        }
    }
    Panel {
        id: lightPanel
        x: tray.px(24)
        y: cameraPanel.y + cameraPanel.height + tray.px(12)
        width: Math.floor((tray.width - 2 * x - tray.px(12)) * 0.37)
        height: tray.px(96)
        Label {
            x: tray.px(18)
            y: tray.px(12)
            text: tray.bridge.texts["light.title"]
            font.bold: true
            font.pixelSize: tray.px(16)
        }
        Chips {
            x: tray.px(16)
            y: tray.px(42)
            group: "light"
            entries: tray.bridge.lights
            onChose: key => tray.bridge.shine(key)
        }
    }
    Panel {
        anchors.left: lightPanel.right
        anchors.leftMargin: tray.px(12)
        y: lightPanel.y
        anchors.right: cameraPanel.right
        height: lightPanel.height
        Label {
            x: tray.px(18)
            y: tray.px(12)
            text: tray.bridge.texts["upstream.title"]
            font.bold: true
            font.pixelSize: tray.px(16)
        }
        Chips {
            x: tray.px(16)
            y: tray.px(42)
            group: "upstream"
            entries: tray.bridge.upstreams
            onChose: key => tray.bridge.answer(key)
        }
    }
}
