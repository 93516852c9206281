#!/usr/bin/python3
"""A StatusNotifierWatcher that prints one line once it owns its name and one for each icon that registers.

Ends with stdin.
"""
import sys

import dbus
import dbus.service
from dbus.mainloop.glib import DBusGMainLoop
from gi.repository import GLib

NAME = 'org.kde.StatusNotifierWatcher'
DBusGMainLoop(set_as_default=True)
bus = dbus.SessionBus()
loop = GLib.MainLoop()


class Watcher(dbus.service.Object):
    @dbus.service.method(NAME, in_signature='s')
    def RegisterStatusNotifierItem(self, service):
        print('registered', service, flush=True)

    @dbus.service.method(NAME, in_signature='s')
    def RegisterStatusNotifierHost(self, service):
        pass

    @dbus.service.method(dbus.PROPERTIES_IFACE, in_signature='ss', out_signature='v')
    def Get(self, interface, name):
        return self.GetAll(interface)[name]

    @dbus.service.method(dbus.PROPERTIES_IFACE, in_signature='s', out_signature='a{sv}')
    def GetAll(self, interface):
        return {
            'RegisteredStatusNotifierItems': dbus.Array([], signature='s'),
            'IsStatusNotifierHostRegistered': dbus.Boolean(True),
            'ProtocolVersion': dbus.Int32(0),
        }


def on_end(source, condition):
    loop.quit()
    return False


name = dbus.service.BusName(NAME, bus, do_not_queue=True)
watcher = Watcher(bus, '/StatusNotifierWatcher')
GLib.io_add_watch(sys.stdin, GLib.IO_HUP, on_end)
print('ready', flush=True)
loop.run()
