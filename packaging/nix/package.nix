# nix-build -E 'with import <nixpkgs> {}; callPackage ./packaging/nix/package.nix {}'
{ lib, stdenv, cmake, ninja, boost, cli11, curl, fmt, libarchive, nlohmann_json, openssl, tl-expected }:

stdenv.mkDerivation {
  pname = "hfaudit";
  version = "0.1.0";
  src = lib.cleanSource ../..;

  nativeBuildInputs = [ cmake ninja ];
  buildInputs = [ boost cli11 curl fmt libarchive nlohmann_json openssl tl-expected ];

  # Linked, since a program of Nix finds no library by its name alone.
  cmakeFlags = [
    "-DBUILD_TESTING=OFF"
    "-DHFAUDIT_UNITY=ON"
    "-DHFAUDIT_WERROR=OFF"
    "-DHFAUDIT_STATIC_RUNTIME=OFF"
    "-DHFAUDIT_LINK_CURL=ON"
    "-DHFAUDIT_LINK_OPENSSL=ON"
    "-DHFAUDIT_LINK_ARCHIVE=ON"
  ];

  doInstallCheck = true;
  installCheckPhase = "$out/bin/hfaudit --version";

  meta = {
    description = "Checks whether the Hugging Face models on disk are complete and intact, and repairs them";
    license = lib.licenses.asl20;
    mainProgram = "hfaudit";
    platforms = lib.platforms.linux;
  };
}
