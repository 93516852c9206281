#!/usr/bin/python3
"""A panel without a picture, for tests: a StatusNotifierWatcher on the session bus that reads and clicks menus.

Reads one JSON request a line on stdin ({"id": 1, "do": "menu"}), writes one JSON answer a line on stdout
({"id": 1, "ok": value} or {"id": 1, "error": text}). {"event": "ready"} comes first, once the name is owned.
Ends with stdin.
"""
import json
import sys

import dbus
import dbus.service
from dbus.mainloop.glib import DBusGMainLoop
from gi.repository import GLib

WATCHER = 'org.kde.StatusNotifierWatcher'
ITEM = 'org.kde.StatusNotifierItem'
MENU = 'com.canonical.dbusmenu'
TIMEOUT_S = 10

DBusGMainLoop(set_as_default=True)
bus = dbus.SessionBus()
loop = GLib.MainLoop()
items = []  # (bus name of the owner, object path)


def say(value):
    sys.stdout.write(json.dumps(value) + '\n')
    sys.stdout.flush()


class Watcher(dbus.service.Object):
    @dbus.service.method(WATCHER, in_signature='s', sender_keyword='sender')
    def RegisterStatusNotifierItem(self, service, sender=None):
        path = service if service.startswith('/') else '/StatusNotifierItem'
        item = (str(sender), str(path))
        if item not in items:
            items.append(item)
        self.StatusNotifierItemRegistered(item[0] + item[1])
        bus.watch_name_owner(sender, lambda owner: owner == '' and self.forget(item))

    def forget(self, item):
        if item in items:
            items.remove(item)
            self.StatusNotifierItemUnregistered(item[0] + item[1])

    @dbus.service.method(WATCHER, in_signature='s')
    def RegisterStatusNotifierHost(self, service):
        self.StatusNotifierHostRegistered()

    @dbus.service.signal(WATCHER, signature='s')
    def StatusNotifierItemRegistered(self, item):
        pass

    @dbus.service.signal(WATCHER, signature='s')
    def StatusNotifierItemUnregistered(self, item):
        pass

    @dbus.service.signal(WATCHER)
    def StatusNotifierHostRegistered(self):
        pass

    @dbus.service.method(dbus.PROPERTIES_IFACE, in_signature='ss', out_signature='v')
    def Get(self, interface, name):
        return self.GetAll(interface)[name]

    @dbus.service.method(dbus.PROPERTIES_IFACE, in_signature='s', out_signature='a{sv}')
    def GetAll(self, interface):
        return {
            'RegisteredStatusNotifierItems': dbus.Array([name + path for name, path in items], signature='s'),
            'IsStatusNotifierHostRegistered': dbus.Boolean(True),
            'ProtocolVersion': dbus.Int32(0),
        }


def newest():
    if not items:
        raise LookupError('no icon is registered')
    return items[-1]


def item_property(name):
    owner, path = newest()
    face = dbus.Interface(bus.get_object(owner, path, introspect=False), dbus.PROPERTIES_IFACE)
    return face.Get(ITEM, name, timeout=TIMEOUT_S)


def menu_face():
    owner, _ = newest()
    return dbus.Interface(bus.get_object(owner, str(item_property('Menu')), introspect=False), MENU)


def tree(node):
    number, properties, children = node
    return {
        'id': int(number),
        'label': str(properties.get('label', '')),
        'type': str(properties.get('type', 'standard')),
        'enabled': bool(properties.get('enabled', True)),
        'visible': bool(properties.get('visible', True)),
        'toggleType': str(properties.get('toggle-type', '')),
        'checked': int(properties.get('toggle-state', -1)) == 1,
        'children': [tree(child) for child in children],
    }


def read_menu(_request):
    _, root = menu_face().GetLayout(0, -1, dbus.Array([], signature='s'), timeout=TIMEOUT_S)
    return tree(root)['children']


def click(request):
    menu_face().Event(
        dbus.Int32(request['item']), 'clicked', dbus.Int32(0, variant_level=1), dbus.UInt32(0), timeout=TIMEOUT_S
    )
    return True


def activate(_request):
    owner, path = newest()
    dbus.Interface(bus.get_object(owner, path, introspect=False), ITEM).Activate(0, 0, timeout=TIMEOUT_S)
    return True


def icon(_request):
    """Width, height and bytes (ARGB) of the largest picture."""
    pictures = [(int(w), int(h), bytes(data)) for w, h, data in item_property('IconPixmap')]
    width, height, data = max(pictures)
    return {'width': width, 'height': height, 'argb': data.hex()}


def tooltip(_request):
    return [str(part) for part in item_property('ToolTip')[2:]]


ACTS = {
    'items': lambda _request: [name + path for name, path in items],
    'menu': read_menu,
    'click': click,
    'activate': activate,
    'icon': icon,
    'tooltip': tooltip,
}


def on_line(source, condition):
    line = sys.stdin.readline()
    if line == '':
        loop.quit()
        return False
    request = json.loads(line)
    try:
        say({'id': request['id'], 'ok': ACTS[request['do']](request)})
    except Exception as error:  # every failure is the test's to judge
        say({'id': request['id'], 'error': str(error)})
    return True


name = dbus.service.BusName(WATCHER, bus, do_not_queue=True)
watcher = Watcher(bus, '/StatusNotifierWatcher')
GLib.io_add_watch(sys.stdin, GLib.IO_IN | GLib.IO_HUP, on_line)
say({'event': 'ready'})
loop.run()
