// SPDX-License-Identifier: Apache-2.0
// Places for digits that are shown, in groups as they are printed on the card.
pragma ComponentBehavior: Bound
import QtQuick
import "../style"

Row {
    id: places

    readonly property var groups: Kiosk.screen.places ?? []
    readonly property string typed: Kiosk.live.typed ?? ""
    readonly property int filled: Kiosk.live.filled ?? 0
    property int size: Style.mm(12)
    // its own width, as a multiple of `size`
    readonly property real share: groups.reduce((sum, group) => sum + group.count * 1.12 + (group.unit === "" ? 0 : 0.8), 0) + (groups.length - 1) * 0.4

    function before(group: int): int {
        let sum = 0;
        for (let index = 0; index < group; ++index)
            sum += groups[index].count;
        return sum;
    }

    objectName: "digitPlaces"
    spacing: Math.round(size * 0.4)
    Accessible.role: Accessible.StaticText
    Accessible.name: Kiosk.live.placesSpoken ?? ""

    Repeater {
        model: places.groups

        Row {
            id: group
            required property var modelData
            required property int index
            readonly property int start: places.before(index)

            spacing: Math.round(places.size * 0.12)

            Repeater {
                model: group.modelData.count

                Rectangle {
                    id: box
                    required property int index
                    readonly property int at: group.start + index
                    readonly property bool filled: at < places.filled
                    readonly property bool next: at === places.filled

                    width: places.size
                    height: Math.round(places.size * 1.25)
                    radius: Math.round(places.size * 0.2)
                    color: Style.card
                    border.width: box.next ? 5 : 3
                    border.color: box.next || box.filled ? Style.action : Style.lineStrong

                    Words {
                        anchors.fill: parent
                        text: box.filled ? places.typed.charAt(box.at) : ""
                        size: Math.round(places.size * 0.86)
                        bold: true
                        lineHeight: 1.0
                        wrapMode: Text.NoWrap
                        horizontalAlignment: Text.AlignHCenter
                        verticalAlignment: Text.AlignVCenter
                        color: Style.action
                        Accessible.ignored: true
                    }
                }
            }
            Words {
                visible: text !== ""
                anchors.bottom: parent.bottom
                width: naturalWidth
                text: group.modelData.unit
                size: Math.round(places.size * 0.66)
                floor: size
                bold: true
                lineHeight: 1.0
                wrapMode: Text.NoWrap
                Accessible.ignored: true
            }
        }
    }
}
