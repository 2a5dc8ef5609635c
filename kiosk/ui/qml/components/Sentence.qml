// SPDX-License-Identifier: Apache-2.0
// A sentence of the scene card.
import QtQuick

Words {
    readonly property int wanted: natural

    balanced: horizontalAlignment === Text.AlignHCenter
    visible: text !== ""
    horizontalAlignment: Text.AlignHCenter
    verticalAlignment: Text.AlignVCenter
}
