package dev.writebehind.testing;

import dev.writebehind.testing.CuttableProxy.Network;
import java.util.ArrayList;
import java.util.List;

/** A side made of proxies in this process, on any machine. Safe for any thread but for opening and closing. */
public final class ProxySide implements Side {
    private final List<CuttableProxy> proxies = new ArrayList<>();

    @Override
    public String addressOf(int target) {
        CuttableProxy proxy = new CuttableProxy(0, target);
        proxies.add(proxy);
        return "127.0.0.1:" + proxy.port();
    }

    @Override
    public void set(Network network) {
        proxies.forEach(proxy -> proxy.set(network));
    }

    @Override
    public void close() {
        proxies.forEach(CuttableProxy::close);
    }
}
