# SPDX-License-Identifier: Apache-2.0
"""What is paid at the desk: caps by 適用区分 and date, and the share by age and record."""
