// SPDX-License-Identifier: Apache-2.0
// The technician's checks: the verdict large, then a row each, the most basic first.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"
import "../components"

Rectangle {
    id: page

    property var bridge: null
    readonly property var texts: bridge ? bridge.texts : ({})
    readonly property string verdict: bridge ? bridge.verdict : "running"
    readonly property int side: Style.mm(Style.landscape ? 7 : 12)
    readonly property int gap: Style.mm(Style.landscape ? 3 : 5)
    readonly property int footHeight: Style.mm(Style.landscape ? 16 : 22)

    function colourOf(status: string): color {
        switch (status) {
        case "ok":
            return Style.good;
        case "warning":
            return Style.attention;
        case "problem":
            return Style.trouble;
        default:
            return Style.contrast ? "#F0F0F0" : "#5A6072";
        }
    }
    function iconOf(status: string): string {
        switch (status) {
        case "ok":
            return "good";
        case "warning":
            return "warning";
        case "problem":
            return "problem";
        case "skipped":
            return "skipped";
        default:
            return "waiting";
        }
    }

    objectName: "diagnosticsPage"
    color: Style.ground

    MouseArea {
        anchors.fill: parent // the patient's screen below cannot be touched
    }

    Words {
        id: title
        x: page.side
        y: page.side
        width: parent.width - 2 * x
        height: natural
        text: page.texts["heading"] ?? ""
        size: Style.mm(Style.landscape ? 8 : 10)
        bold: true
        lineHeight: 1.15
        Accessible.role: Accessible.Heading
    }

    Rectangle {
        id: banner
        x: page.side
        y: title.y + title.height + page.gap
        width: parent.width - 2 * x
        height: Style.mm(Style.landscape ? 18 : 32)
        radius: Style.mm(5)
        color: page.verdict === "ok" ? Style.goodTint : page.verdict === "warning" ? Style.attentionTint : page.verdict === "problem" ? (Style.contrast ? "#2A0A0A" : "#FDECEC") : Style.panel
        border.width: 2
        border.color: page.verdict === "running" ? Style.line : page.colourOf(page.verdict)

        Picture {
            id: sign
            x: Style.mm(6)
            anchors.verticalCenter: parent.verticalCenter
            width: Style.mm(Style.landscape ? 11 : 19)
            height: width
            address: Style.icon(page.iconOf(page.verdict), page.colourOf(page.verdict))
        }
        Words {
            objectName: "diagnosticsVerdict"
            anchors.left: sign.right
            anchors.leftMargin: Style.mm(5)
            anchors.right: parent.right
            anchors.rightMargin: Style.mm(5)
            anchors.verticalCenter: parent.verticalCenter
            room: parent.height - Style.mm(3)
            text: page.bridge ? page.bridge.verdictText : ""
            size: Style.mm(Style.landscape ? 8 : 11)
            bold: true
            lineHeight: 1.15
            color: page.verdict === "running" ? Style.ink : page.colourOf(page.verdict)
            verticalAlignment: Text.AlignVCenter
        }
    }

    ListView {
        id: list
        objectName: "diagnosticsRows"
        x: page.side
        y: banner.y + banner.height + page.gap
        width: parent.width - 2 * x
        height: foot.y - page.gap - y
        clip: true
        spacing: Style.mm(1.6)
        boundsBehavior: Flickable.StopAtBounds
        model: page.bridge ? page.bridge.rows : []
        // all rows at once: what is not made yet cannot be read out
        cacheBuffer: 20000

        delegate: Rectangle {
            id: row
            required property var modelData
            readonly property bool told: modelData.next !== ""
            readonly property bool still: modelData.status === "waiting" || modelData.status === "running"

            objectName: "diagnosticsRow." + modelData.id
            width: list.width
            height: Math.max(Style.mm(Style.landscape ? 13 : 20), words.height + Style.mm(5))
            radius: Style.mm(3)
            color: Style.card
            border.width: told ? 2 : 1
            border.color: told ? page.colourOf(modelData.status) : Style.line
            Accessible.role: Accessible.ListItem
            Accessible.name: modelData.spoken

            Picture {
                id: mark
                x: Style.mm(4)
                y: Math.round(Math.min((row.height - height) / 2, Style.mm(Style.landscape ? 2.2 : 4)))
                width: Style.mm(Style.landscape ? 7.6 : 9)
                height: width
                opacity: row.modelData.status === "waiting" ? 0.5 : 1
                address: Style.icon(page.iconOf(row.modelData.status), page.colourOf(row.modelData.status))
            }
            Column {
                id: words
                x: mark.x + mark.width + Style.mm(4)
                anchors.verticalCenter: parent.verticalCenter
                width: row.width - x - Style.mm(4)
                spacing: Style.mm(1.2)

                Item {
                    width: parent.width
                    height: Math.max(name.height, found.height)

                    Words {
                        id: name
                        width: Style.mm(Style.landscape ? 52 : 64)
                        height: natural
                        text: row.modelData.title
                        size: Style.mm(Style.landscape ? 6.6 : 7)
                        floor: Style.mm(6)
                        bold: true
                        lineHeight: 1.15
                        Accessible.ignored: true
                    }
                    Words {
                        id: found
                        anchors.left: name.right
                        anchors.leftMargin: Style.mm(3)
                        anchors.right: status.left
                        anchors.rightMargin: Style.mm(3)
                        height: natural
                        text: row.modelData.summary
                        size: Style.mm(6.6)
                        floor: Style.mm(6.6)
                        lineHeight: 1.2
                        color: Style.inkSoft
                        Accessible.ignored: true
                    }
                    Words {
                        id: status
                        anchors.right: parent.right
                        width: naturalWidth
                        height: natural
                        text: row.modelData.code !== "" ? row.modelData.code : row.modelData.word
                        size: Style.mm(6.6)
                        floor: Style.mm(6.6)
                        bold: true
                        lineHeight: 1.2
                        color: row.still ? Style.inkSoft : page.colourOf(row.modelData.status)
                        Accessible.ignored: true
                    }
                }
                Words {
                    visible: row.told
                    width: parent.width
                    height: natural
                    text: row.told ? "→ " + row.modelData.next : ""
                    size: Style.mm(6.6)
                    floor: Style.mm(6.6)
                    lineHeight: 1.25
                    Accessible.ignored: true
                }
            }
        }
    }

    Rectangle {
        // there is more to see below or above
        visible: list.contentHeight > list.height
        x: list.x + list.width + Style.mm(1.5)
        y: list.y + Math.round(list.visibleArea.yPosition * list.height)
        width: Style.mm(1.6)
        height: Math.round(list.visibleArea.heightRatio * list.height)
        radius: width / 2
        color: Style.lineStrong
    }

    Row {
        id: foot
        x: page.side
        y: parent.height - page.side - height
        width: parent.width - 2 * x
        height: page.footHeight
        spacing: page.gap

        StaffButton {
            action: "diagnostics.close"
            label: page.texts["close"] ?? ""
            spoken: Kiosk.plain(label)
            icon: "back"
            kind: "quiet"
            width: Math.floor((foot.width - foot.spacing) / 2)
            height: foot.height
            onUsed: {
                if (page.bridge)
                    page.bridge.press(action);
            }
        }
        StaffButton {
            action: "diagnostics.again"
            label: page.texts["again"] ?? ""
            spoken: Kiosk.plain(label)
            icon: "restart"
            kind: page.verdict === "running" ? "choice" : "main"
            opacity: page.verdict === "running" ? 0.5 : 1
            width: Math.floor((foot.width - foot.spacing) / 2)
            height: foot.height
            onUsed: {
                if (page.bridge)
                    page.bridge.press(action);
            }
        }
    }
}
