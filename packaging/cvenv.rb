class Cvenv < Formula
  desc "@SUMMARY@"
  homepage "@HOMEPAGE@"
  url "@URL@/@NAME@-@VERSION@.tar.gz"
  sha256 "@SHA256@"
  license "@LICENSE@"

  depends_on "meson" => :build
  depends_on "ninja" => :build
  depends_on "pkgconf" => :build
  depends_on "python" => :test
  depends_on "libdeflate"
  depends_on "nettle"
  depends_on "zstd"

  uses_from_macos "zlib"

  def install
    system "meson", "setup", "build", "-Dpython=disabled", "-Dtests=disabled", *std_meson_args
    system "meson", "compile", "-C", "build", "--verbose"
    system "meson", "install", "-C", "build"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/cvenv --version")
    system bin/"cvenv", testpath/"env"
    system testpath/"env/bin/python", "-m", "pip", "check"
  end
end
